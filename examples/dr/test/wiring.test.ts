/** The commands that are recorded. Whoever adds or removes one changes this list on purpose. */
import { expect, it } from "@jest/globals";
import { assertTrackedCommands, trackedCommands } from "@candor/cli/commander";
import { createProgram } from "../src/program.ts";

const EXPECTED = [
  "dr auth set-url",
  "dr component add",
  "dr component update",
  "dr dotenv setup",
  "dr dotenv update",
  "dr dotenv validate",
  "dr plugin install",
  "dr plugin uninstall",
  "dr plugin update",
  "dr run",
  "dr self version",
  "dr start",
  "dr task list",
  "dr task run",
  "dr template setup",
];

function createDr(): ReturnType<typeof createProgram>["program"] {
  const configuration = { directory: "/nonexistent", file: "/nonexistent/drconfig.yaml", content: { status: "missing" }, endpoint: "", token: "" } as const;
  return createProgram({ version: "0.3.0", configuration, telemetryDisabled: false }).program;
}

it("wires every command that is to be recorded, and no other", () => {
  expect(() => assertTrackedCommands(createDr(), EXPECTED)).not.toThrow();
});

it("fails loudly when a command loses its wiring", () => {
  expect(() => assertTrackedCommands(createDr(), [...EXPECTED, "dr auth login"])).toThrow("`dr auth login` is no longer wired");
  expect(trackedCommands(createDr())).toEqual(EXPECTED);
});
