/**
 * Consent as the DataRobot CLI documents it: its flag, its variables, its prompt, and the answers that stand in drconfig.yaml.
 * It decides nothing; the collector does, with these as its options.
 */
import { consentIn, type DrConfig, interpretDrConfig } from "./config-content.ts";
import type { DrConfigContent } from "./config-file.ts";

/**
 * The collector's `consent` options for a DataRobot tool: on by default after a notice, the code's flag and variable, and the
 * specification's variable, which is asked first.
 */
export const dataRobotConsent = {
  model: "opt-out",
  disableFlag: "--disable-telemetry",
  variables: [
    { name: "DR_TELEMETRY_ENABLED", whenTrue: "on" },
    { name: "DATAROBOT_CLI_DISABLE_TELEMETRY", whenTrue: "off" },
  ],
} as const;

/** The answer to `Allow anonymous usage tracking? [Y/n]`: Enter and yes are yes, and everything else, also what is unclear, is no. */
export function consentAnswer(text: string): boolean {
  return typeof text === "string" && ["", "y", "yes"].includes(text.trim().toLowerCase());
}

/** An answer of the user's, as it is recorded. */
export interface RecordedAnswer {
  readonly enabled: boolean;
  /** RFC 3339. */
  readonly answeredAt: string;
  /** Version of the consent text; 1 is recorded as `1.0`. */
  readonly consentVersion: number;
  /** Why, in the user's words; kept on this machine only. */
  readonly reason?: string;
}

/** Where a tool keeps answers besides candor's own record. */
export interface ConsentStore {
  readonly name: string;
  /** The answer, or undefined when there is none. */
  read(): { readonly enabled: boolean } | undefined;
  /** @throws an error whose message says why the answer could not be recorded. */
  write(answer: RecordedAnswer): Promise<void>;
}

/** How the tool tells what stands in drconfig.yaml, so that a command parses it once, by the tool's own means. */
export type DataRobotConsentStoreOptions = { /** The path of drconfig.yaml. */ readonly file: string } & (
  | {
      /**
       * The configuration as the tool has parsed it; undefined when there is no file. Whatever it throws, and anything but a mapping,
       * means that the configuration cannot be read, which is a no.
       */
      readonly read: () => unknown;
    }
  | {
      /** What `readDrConfig` answered. */
      readonly content: () => DrConfigContent;
    }
);

/** The answers in drconfig.yaml: `disable-telemetry` and `telemetry.enabled`, of which a no wins. Writing loads the YAML parser. */
export function dataRobotConsentStore(options: DataRobotConsentStoreOptions): ConsentStore {
  const { file } = options;
  let written: { readonly enabled: boolean } | undefined;
  return {
    name: "drconfig.yaml",
    read: () => written ?? readAnswer(options),
    async write({ enabled, answeredAt, consentVersion, reason }) {
      const { recordOptIn, recordOptOut, updateDrConfig } = await import("../datarobot-config.ts");
      const answeredAtMs = Date.parse(answeredAt);
      const now = (Number.isNaN(answeredAtMs) ? Date.now() : answeredAtMs) / 1_000;
      const version = Number.isInteger(consentVersion) ? consentVersion.toFixed(1) : String(consentVersion);
      const outcome = updateDrConfig(file, enabled ? recordOptIn({ now, consentVersion: version }) : recordOptOut({ now, reason }));
      if (outcome.status === "refused") throw new Error(`${file} was not changed: ${outcome.reason}`);
      // What the tool parsed at its start does not know of this answer.
      written = { enabled };
    },
  };
}

function readAnswer(options: DataRobotConsentStoreOptions): { readonly enabled: boolean } | undefined {
  try {
    const config = "content" in options ? readContent(options.content()) : interpretDrConfig(options.read());
    return config ? consentIn(config) : { enabled: false };
  } catch {
    // Nobody knows what the user answered there, and it may have been no.
    return { enabled: false };
  }
}

function readContent(content: DrConfigContent): DrConfig | undefined {
  if (content.status === "missing") return {};
  return content.status === "read" ? content : undefined;
}
