import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runProcess, type TemporaryHome, temporaryHome } from "@candor/testing";

const dist = join(__dirname, "../../dist");

/** Loads an entry, and answers which builtins and which packages came with it. */
const program = (load: string): string => `
const before = new Set(process.moduleLoadList);
${load}
const packages = Object.keys(require.cache).filter((path) => path.includes("node_modules")).length;
const builtins = process.moduleLoadList.filter((entry) => !before.has(entry) && /NativeModule (https?|net|tls|fs|crypto|child_process|os|zlib|util)$/.test(entry));
process.stdout.write(JSON.stringify({ builtins, packages }));
`;

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.dispose());

async function run(load: string): Promise<{ readonly builtins: readonly string[]; readonly packages: number }> {
  const { stdout, stderr } = await runProcess(process.execPath, ["-e", program(load)], { environment: home.environment });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("the entry that a command imports", () => {
  it("loads no builtin and no package, even when its properties are asked for in a dry run", async () => {
    const load = `const { commonProperties } = require(${JSON.stringify(join(dist, "cjs/datarobot.js"))});
      commonProperties({ endpoint: "https://app.datarobot.com", token: "t" })({ dryRun: true });`;
    expect(await run(load)).toEqual({ builtins: [], packages: 0 });
  });

  it("imports nothing but its own rooms as an ES module", async () => {
    const load = `const { readFileSync } = require("node:fs");
      const seen = new Set();
      const walk = (file) => {
        if (seen.has(file)) return;
        seen.add(file);
        const text = readFileSync(file, "utf8");
        for (const [, target] of text.matchAll(/^(?:import|export)\\b[^;]*?"([^"]+)";/gm)) {
          if (!target.startsWith(".")) throw new Error(file + " imports " + target);
          walk(require("node:path").join(file, "..", target));
        }
      };
      walk(${JSON.stringify(join(dist, "esm/datarobot.js"))});
      if (seen.size < 2) throw new Error("nothing was walked");`;
    await expect(run(load)).resolves.toMatchObject({ packages: 0 });
  });
});

describe("the entry of the background task", () => {
  it("loads no HTTP client and no YAML parser before it is run", async () => {
    const { builtins } = await run(`require(${JSON.stringify(join(dist, "cjs/datarobot-account.js"))}); if (Object.keys(require.cache).some((path) => path.includes("/yaml/"))) throw new Error("yaml");`);
    expect(builtins.filter((name) => /https?|net|tls|zlib/.test(name))).toEqual([]);
  });

  it("is a task by its default export in both module systems", async () => {
    const load = (code: string): Promise<{ readonly stdout: string; readonly stderr: string }> => runProcess(process.execPath, ["--input-type=module", "-e", code], { environment: home.environment });
    const esm = await load(`import task from ${JSON.stringify(join(dist, "esm/datarobot-account.js"))}; console.log(typeof task);`);
    const cjs = await load(`import { createRequire } from "node:module"; console.log(typeof createRequire(import.meta.url)(${JSON.stringify(join(dist, "cjs/datarobot-account.js"))}).default);`);
    expect([esm.stdout, cjs.stdout]).toEqual(["function\n", "function\n"]);
  });
});

describe("recording an answer in a built tool", () => {
  it.each(["esm", "cjs"])("loads the YAML parser when it is needed (%s)", async (form) => {
    const entry = JSON.stringify(join(dist, form, "datarobot.js"));
    const code = `const { dataRobotConsentStore } = ${form === "esm" ? `await import(${entry})` : `(await import("node:module")).createRequire(import.meta.url)(${entry})`};
      const store = dataRobotConsentStore({ file: process.argv[1], read: () => undefined });
      await store.write({ enabled: false, answeredAt: "2024-01-01T00:00:00Z", consentVersion: 1 });`;
    const { stderr } = await runProcess(process.execPath, ["--input-type=module", "-e", code, `${home.path}/datarobot/drconfig.yaml`], { environment: home.environment });
    expect(stderr).toBe("");
    expect(home.read("datarobot/drconfig.yaml")).toBe("telemetry:\n  enabled: false\n  last_updated: 1704067200\n");
  });
});
