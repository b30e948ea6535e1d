import { describe, expect, it } from "@jest/globals";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { osName, osVersion, realMachine } from "../../src/datarobot.ts";
import { fakeMachine } from "./fake-machine.ts";

interface VersionInput {
  readonly os: string;
  readonly os_release?: string | null;
  readonly "kern.osproductversion"?: string;
}

const PROPERTY_LIST = "/System/Library/CoreServices/SystemVersion.plist";

/** As macOS has it, with a key before and one after that look alike. */
const propertyList = (version: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<key>ProductUserVisibleVersion</key>
	<string>1.2.3</string>
	<key>ProductVersion</key>
	<string>${version}</string>
	<key>iOSSupportVersion</key>
	<string>18.7</string>
</dict>
</plist>
`;

/** Vectors whose answer is not ours. */
const DIFFERENT: Readonly<Record<string, { readonly answer: string; readonly because: string }>> = {
  "dr.os_version#5": { answer: "12", because: "single quotes are legal in os-release(5) and are no part of the version" },
};

describe("the name of the operating system", () => {
  it.each(vectorsOf<string, string>("dr.os_name"))("$id is for people", ({ input, expected }) => {
    expect(osName(input)).toBe(expected);
  });

  it("takes Node's names too", () => {
    expect([osName("win32"), osName("darwin"), osName("constructor")]).toEqual(["Windows", "macOS", "constructor"]);
  });
});

describe("the version of the operating system", () => {
  it.each(vectorsOf<VersionInput, string>("dr.os_version"))("$id is as the system's own file tells it", ({ id, input, expected }) => {
    const product = input["kern.osproductversion"];
    const files = {
      ...(typeof input.os_release === "string" ? { "/etc/os-release": input.os_release } : {}),
      ...(product === undefined ? {} : { [PROPERTY_LIST]: propertyList(product) }),
    };
    expect(osVersion(fakeMachine({ platform: input.os, files }))).toBe(DIFFERENT[id]?.answer ?? expected);
  });

  it.each([
    ['VERSION_ID="22.04"\r\n', "22.04"],
    ["X_VERSION_ID=9\nVERSION_ID=12\n", "12"],
    ['VERSION_ID="12\n', ""],
    [`VERSION_ID=${"9".repeat(100)}\n`, ""],
    ["VERSION_ID=$(id)\n", ""],
  ])("of os-release %j is %j", (text, expected) => {
    expect(osVersion(fakeMachine({ files: { "/etc/os-release": text } }))).toBe(expected);
  });

  it("of Windows is the kernel's", () => {
    expect(osVersion(fakeMachine({ platform: "win32", release: "10.0.22631" }))).toBe("10.0.22631");
  });

  it.each(["linux", "darwin", "win32", "plan9"])("of %s is empty when nothing can be read, without a subprocess", (platform) => {
    const machine = fakeMachine({ platform });
    expect(osVersion(machine)).toBe("");
    expect(machine.runs).toEqual([]);
  });

  it("of this machine is found without an error", () => {
    expect(osVersion(realMachine())).toMatch(/^[\w.+~ -]{0,64}$/);
  });
});
