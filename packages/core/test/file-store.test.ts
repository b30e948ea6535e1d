/** The answer in a configuration file of the tool's: read as a no whenever in doubt, written without touching the rest. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as toml from "@decimalturn/toml-patch";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { temporaryHome, type TemporaryHome } from "@candor/testing";
import * as fc from "fast-check";
import * as yaml from "yaml";
import { readStore, writeStore } from "../src/consent/tool-store.ts";
import { type ConsentStore, fileStore, jsonStore, type StoreChange, type StoreFileOptions, tomlStore, yamlStore } from "../src/stores.ts";
import { vectorsOf } from "./vectors.ts";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.dispose());

const onPosix = process.platform === "win32" ? describe.skip : describe;
const path = (name: string): string => join(home.path, name);
const change = (enabled: boolean, more: Partial<StoreChange> = {}): StoreChange => ({ enabled, answeredAt: "2024-01-01T00:00:00.000Z", consentVersion: 1, givenBy: "prompt", ...more });
const json = (text: string, options: Partial<StoreFileOptions> = {}): ConsentStore => {
  writeFileSync(path("notes.json"), text);
  return jsonStore({ path: path("notes.json"), ...options });
};

describe("a file that is read", () => {
  it.each(["{", "no", "[]", '{"telemetry": true}', '{"telemetry": {"enabled": "yess"}}', '{"telemetry": {"enabled": 2}}', '{"telemetry": {"enabled": {}}}', '{"telemetry": {"enabled": true, "local_only": "perhaps"}}'])(
    "is a no when it holds %s",
    (text) => {
      expect(readStore(json(text))).toEqual({ status: "unreadable" });
    },
  );

  it("is a no when it cannot be opened", () => {
    mkdirSync(path("notes.json"));
    expect(readStore(jsonStore({ path: path("notes.json") }))).toEqual({ status: "unreadable" });
  });

  it.each(["", " \n", "{}", '{"theme": "dark"}', '{"telemetry": null}', '{"telemetry": {"enabled": null}}'])("is no answer when it holds %j", (text) => {
    expect(readStore(json(text))).toEqual({ status: "none", localOnly: false });
  });

  it("is no answer when it is missing, and nothing is made", () => {
    expect(readStore(jsonStore({ path: path("missing/notes.json") }))).toEqual({ status: "none", localOnly: false });
    expect(home.list()).toEqual([]);
  });

  it.each([
    ['{"telemetry": {"enabled": true}}', { enabled: true, localOnly: false }],
    ['\uFEFF{"telemetry": {"enabled": false, "local_only": true}}', { enabled: false, localOnly: true }],
    ['{"telemetry": {"enabled": "TRUE"}}', { enabled: true, localOnly: false }],
  ])("has GTB's keys: %s", (text, answer) => {
    expect(readStore(json(text))).toEqual({ status: "answered", ...answer });
  });

  it("keeps events here by its second key alone", () => {
    expect(readStore(json('{"telemetry": {"local_only": true}}'))).toEqual({ status: "none", localOnly: true });
  });

  it("has an answer to no version where the version is to stand and does not", () => {
    const keys = { consentVersion: "telemetry.version" };
    expect(readStore(json('{"telemetry": {"enabled": true}}', { keys }))).toMatchObject({ consentVersion: 0 });
    expect(readStore(json('{"telemetry": {"enabled": true, "version": "2.0"}}', { keys }))).toMatchObject({ consentVersion: 2 });
  });

  it("is never looked for in a project: a relative path is a no and is not written", async () => {
    const store = jsonStore({ path: "package.json" });
    expect(readStore(store)).toEqual({ status: "unreadable" });
    expect(await writeStore(store, change(true))).toBe("package.json could not be changed: its path must be absolute");
  });
});

describe("a file that is written", () => {
  it("is left as it was when it cannot be understood, and its text is not quoted", async () => {
    const text = '{"token": "hunter2", "telemetry": ';
    const problem = await writeStore(json(text), change(false));
    expect(problem).toBe("notes.json could not be changed: its text cannot be understood, so it was left as it is");
    expect(home.read("notes.json")).toBe(text);
  });

  it("is left as it was when something else stands where the answer would", async () => {
    for (const text of ['{"telemetry": "on"}', '{"telemetry": []}', "[]"]) {
      expect(await writeStore(json(text), change(true))).toContain("could not be changed");
      expect(home.read("notes.json")).toBe(text);
    }
  });

  it("has one key more and keeps everything else, its indentation too", async () => {
    await writeStore(json('{\n\t"theme": "dark",\n\t"telemetry": {\n\t\t"local_only": true\n\t}\n}\n'), change(true));
    expect(home.read("notes.json")).toBe('{\n\t"theme": "dark",\n\t"telemetry": {\n\t\t"local_only": true,\n\t\t"enabled": true\n\t}\n}\n');
  });

  it("is made with its directory", async () => {
    const store = jsonStore({ path: path(".notes/config.json") });
    expect(await writeStore(store, change(true))).toBeUndefined();
    expect(readStore(store)).toMatchObject({ enabled: true });
  });

  onPosix("on POSIX systems", () => {
    it("is made for the user alone", async () => {
      await writeStore(jsonStore({ path: path(".notes/config.json") }), change(true));
      expect(statSync(path(".notes")).mode & 0o777).toBe(0o700);
      expect(statSync(path(".notes/config.json")).mode & 0o777).toBe(0o600);
    });

    it("keeps its permissions, and a link its target; nothing is left beside it", async () => {
      mkdirSync(path("dotfiles"));
      writeFileSync(path("dotfiles/notes.json"), "{}");
      chmodSync(path("dotfiles/notes.json"), 0o640);
      symlinkSync("dotfiles/notes.json", path("notes.json"));
      await writeStore(jsonStore({ path: path("notes.json") }), change(false));
      expect(lstatSync(path("notes.json")).isSymbolicLink()).toBe(true);
      expect(statSync(path("dotfiles/notes.json")).mode & 0o777).toBe(0o640);
      expect(readdirSync(path("dotfiles"))).toEqual(["notes.json"]);
    });
  });

  it("holds the answer that was written, for any content before it", async () => {
    const content = fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== "telemetry" && key !== "__proto__"), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(content, fc.boolean(), async (before, enabled) => {
        const store = json(JSON.stringify(before));
        await store.write(change(enabled));
        expect(store.read()).toEqual({ enabled });
        expect(JSON.parse(home.read("notes.json"))).toEqual({ ...JSON.parse(JSON.stringify(before)), telemetry: { enabled } });
      }),
      { numRuns: 50 },
    );
  });
});

describe("a file of YAML", () => {
  const store = (text: string, options: Partial<StoreFileOptions> = {}): ConsentStore => {
    writeFileSync(path("notes.yaml"), text);
    return yamlStore({ path: path("notes.yaml"), yaml, ...options });
  };

  it("is a no, and left as it was, when it cannot be understood", async () => {
    const text = "telemetry:\n  enabled: [true\nother: 1\n";
    expect(readStore(store(text))).toEqual({ status: "unreadable" });
    expect(await writeStore(store(text), change(false))).toContain("left as it is");
    expect(home.read("notes.yaml")).toBe(text);
  });

  it("keeps its comments", async () => {
    const text = "# mine\ntheme: dark # of course\n\ntelemetry:\n  # not yet\n  enabled: false\n";
    await writeStore(store(text), change(true));
    expect(home.read("notes.yaml")).toBe(text.replace("false", "true"));
  });

  it.each(["", "theme: dark\n", "telemetry:\n", "telemetry: {}\n"])("takes an answer into %j", async (text) => {
    const kept = store(text);
    expect(readStore(kept)).toMatchObject({ status: "none" });
    expect(await writeStore(kept, change(true))).toBeUndefined();
    expect(readStore(kept)).toMatchObject({ enabled: true });
  });

  /** The DataRobot CLI's keys, of which candor writes its own and the author the rest. */
  const datarobot: Partial<StoreFileOptions> = {
    keys: { consentVersion: "telemetry.last_prompt_version" },
    extra: ({ enabled, answeredAt, consentVersion, reason }) => {
      const seconds = Date.parse(answeredAt) / 1_000;
      return enabled
        ? { "telemetry.opt_in_timestamp": seconds, "telemetry.last_prompt_version": consentVersion.toFixed(1) }
        : { "telemetry.opt_out_reason": reason ?? "", "telemetry.last_updated": seconds };
    },
  };

  interface Input {
    readonly consent_version?: string;
    readonly reason?: string;
    readonly device_id?: string;
  }

  it.each([...vectorsOf<Input, { readonly telemetry: object }>("drspec.config_after_optin"), ...vectorsOf<Input, { readonly telemetry: object }>("drspec.config_after_optout")])(
    "holds the DataRobot CLI's keys: $id",
    async ({ input, expected }) => {
      const kept = store(input.device_id === undefined ? "" : `telemetry:\n  device_id: ${input.device_id}\n`, datarobot);
      const enabled = input.reason === undefined;
      await kept.write(change(enabled, { consentVersion: Number(input.consent_version ?? 1), ...(input.reason === undefined ? {} : { reason: input.reason }) }));
      expect(yaml.parse(home.read("notes.yaml"))).toMatchObject(expected);
      expect(readStore(kept)).toMatchObject({ enabled });
    },
  );
});

describe("a file of TOML", () => {
  const store = (text: string): ConsentStore => {
    writeFileSync(path("notes.toml"), text);
    return tomlStore({ path: path("notes.toml"), toml, keys: { consentVersion: "telemetry.version" } });
  };

  it.each(["[telemetry]\nenabled = tru\n", "telemetry = true\n", "[[telemetry]]\nenabled = true\n"])("is a no, and left as it was, when it holds %j", async (text) => {
    expect(readStore(store(text))).toEqual({ status: "unreadable" });
    expect(await writeStore(store(text), change(true))).toContain("left as it is");
    expect(home.read("notes.toml")).toBe(text);
  });

  it("keeps its comments, its dates and its large numbers", async () => {
    const text = "# mine\nsince = 1979-05-27T07:32:00Z # long ago\nsize = 9223372036854775807\n\n[telemetry]\n# not yet\nversion = 1\nenabled = false # no\n\n[other]\nlist = [\n  1, # one\n]\n";
    await writeStore(store(text), change(true));
    expect(home.read("notes.toml")).toBe(text.replace("false", "true"));
  });

  it.each(["", "theme = 'dark'\n", "[telemetry]\n", "telemetry = {}\n", "telemetry.local_only = false\n", "[telemetry.more]\nx = 1\n", "a = 1\r\n[telemetry]\r\n"])("takes an answer into %j", async (text) => {
    const kept = store(text);
    expect(readStore(kept)).toMatchObject({ status: "none" });
    expect(await writeStore(kept, change(true, { consentVersion: 3 }))).toBeUndefined();
    expect(readStore(kept)).toMatchObject({ enabled: true, consentVersion: 3 });
  });
});

it("takes any format, by two functions of the author's", async () => {
  const file = path("notes.ini");
  writeFileSync(file, "; mine\nenabled=0\n");
  const store = fileStore({
    path: file,
    name: "the settings of notes",
    keys: { enabled: "enabled" },
    parse: (text) => ({ enabled: /^enabled=(.*)$/m.exec(text)?.[1] }),
    update: (text, [setting]) => text.replace(/^enabled=.*$/m, `enabled=${setting?.value === true ? 1 : 0}`),
  });
  expect(store.name).toBe("the settings of notes");
  expect(readStore(store)).toMatchObject({ enabled: false });
  await store.write(change(true));
  expect(readFileSync(file, "utf8")).toBe("; mine\nenabled=1\n");
  expect(readStore(store)).toMatchObject({ enabled: true });
});
