import { describe, expect, it } from "@jest/globals";
import { consentOn } from "./consent-on.ts";
import { answer } from "./options.ts";
import { vectorsOf } from "./vectors.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { resolve, set } = consentOn(machine);

describe("GTB's decisions", () => {
  interface Input {
    readonly feature_enabled: boolean;
    readonly force_enabled: boolean;
    readonly TELEMETRY_ENABLED: string | null;
    readonly "config.telemetry.enabled": boolean | null;
  }

  /** Where candor decides otherwise: an enforced model is the last in the order, so that whatever says no above it wins. */
  const stricter: Readonly<Record<string, string>> = {
    "gtb.enabled#18": "a stored no wins over an enforced model",
    "gtb.enabled#22": "TELEMETRY_ENABLED=false wins over an enforced model",
    "gtb.enabled#24": "TELEMETRY_ENABLED=false wins over an enforced model",
    "gtb.enabled#27": "an empty TELEMETRY_ENABLED is a no and wins over an enforced model",
    "gtb.enabled#29": "a TELEMETRY_ENABLED that nobody understands is a no and wins over an enforced model",
    "gtb.enabled#30": "a TELEMETRY_ENABLED that nobody understands is a no and wins over an enforced model",
  };

  it.each(vectorsOf<Input, boolean>("gtb.enabled"))("$id", ({ id, input, expected }) => {
    if (input.TELEMETRY_ENABLED !== null) set({ TELEMETRY_ENABLED: input.TELEMETRY_ENABLED });
    const stored = input["config.telemetry.enabled"];
    if (stored !== null) answer(machine, { enabled: stored });
    const decided = input.feature_enabled && resolve({ model: input.force_enabled ? "enforced" : "opt-in" }).enabled;
    expect(decided).toBe(id in stricter ? !expected : expected);
  });

  it.each(vectorsOf<{ "config.telemetry.local_only": boolean; TELEMETRY_LOCAL: string | null }, boolean>("gtb.local_only"))("$id", ({ id, input, expected }) => {
    if (input.TELEMETRY_LOCAL !== null) set({ TELEMETRY_LOCAL: input.TELEMETRY_LOCAL });
    answer(machine, { localOnly: input["config.telemetry.local_only"] });
    // A typo must not send away what was to stay here.
    expect(resolve().localOnly).toBe(id === "gtb.local_only#5" ? true : expected);
  });

  interface PromptInput {
    readonly force?: boolean;
    readonly env?: string;
    readonly configured?: boolean;
    readonly ci?: string;
    readonly tty?: boolean;
  }

  /** candor knows continuous integration by any value of CI. */
  const recognised = ["gtb.consent_prompt#8"];

  it.each(vectorsOf<PromptInput, { prompt: boolean }>("gtb.consent_prompt"))("$id: leaves room for a prompt only while nobody has decided", ({ id, input, expected }) => {
    if (input.env !== undefined) set({ TELEMETRY_ENABLED: input.env });
    if (input.ci !== undefined) set({ CI: "1" });
    if (input.configured) answer(machine);
    const { enabled, source } = resolve({ model: input.force ? "enforced" : "opt-in" });
    const undecided = source === "author-model" && !enabled;
    // Whether a terminal is there is the prompt's question, not that of consent.
    const asks = undecided && input.tty !== false;
    expect(asks).toBe(expected.prompt && !recognised.includes(id));
  });
});
