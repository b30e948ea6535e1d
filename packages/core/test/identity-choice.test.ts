import { existsSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { installationId, peekInstallationId } from "../src/identity/installation-id.ts";
import { dataRobotMachineId, type IdentityChoice } from "../src/identity/identity.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { fakeMachine, type MachineScript } from "./fake-machine.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const OS_ID = "b08dfa6083e7567a1921a715000001fb";

const machine = workstationPerTest();
let asked = 0;
beforeEach(() => {
  asked = 0;
});

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("dr", machine.host);
const choice = (otherwise: () => unknown): IdentityChoice => ({
  use: "datarobot",
  otherwise: () => {
    asked += 1;
    return otherwise() as string;
  },
});
const identify = (given: IdentityChoice, script: MachineScript = {}): string => installationId(given, "dr", directories(), machine.ports, fakeMachine(script)).machineId;
const withId = { files: { "/etc/machine-id": OS_ID } };

describe("an identity with something to ask", () => {
  it("asks nobody where the machine has an id", () => {
    expect(identify(choice(() => "kept-elsewhere"), withId)).toBe(dataRobotMachineId(OS_ID, "dr"));
    expect(asked).toBe(0);
  });

  it.each(["", "uninitialized", "   \n"])("asks where the machine's id is %j, which every such image shares", (id) => {
    expect(identify(choice(() => "kept-elsewhere"), { files: { "/etc/machine-id": id } })).toBe("kept-elsewhere");
  });

  it("asks once: the answer is remembered with the installation", () => {
    expect(identify(choice(() => "kept-elsewhere"))).toBe("kept-elsewhere");
    expect(identify(choice(() => "something else"))).toBe("kept-elsewhere");
    expect(asked).toBe(1);
  });

  it("keeps nothing of an id that lives for this process only", () => {
    expect(identify(choice(() => "fallback-1"))).toBe("fallback-1");
    expect(existsSync(directories().identityFile)).toBe(false);
    expect(identify(choice(() => "fallback-2"))).toBe("fallback-2");
  });

  it.each<[string, () => unknown]>([
    ["throws", () => { throw new Error("x"); }],
    ["answers nothing", () => undefined],
    ["answers white space", () => "  "],
    ["answers a number", () => 7],
  ])("falls back to candor's own random id when what it asks %s", (_, otherwise) => {
    const id = identify(choice(otherwise));
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(identify(choice(otherwise))).toBe(id);
  });

  it("asks nobody on behalf of `telemetry status`, because who is asked may write", () => {
    expect(peekInstallationId(choice(() => "kept-elsewhere"), "dr", directories(), machine.ports, fakeMachine({}))).toBeUndefined();
    expect(asked).toBe(0);
  });

  it("remembers the earlier id when the machine gets one of its own", () => {
    identify(choice(() => "kept-elsewhere"));
    expect(identify(choice(() => "kept-elsewhere"), withId)).toBe(dataRobotMachineId(OS_ID, "dr"));
    expect(JSON.parse(readFileSync(directories().identityFile, "utf8"))).toMatchObject({ earlier: ["kept-elsewhere"] });
  });
});
