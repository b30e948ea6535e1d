/**
 * The content of drconfig.yaml, as far as it concerns telemetry: what the parsed keys mean. Pure and total, and it parses no
 * YAML, so that a tool that has parsed its configuration already pays nothing more. What cannot be understood means no.
 */
import { isRecord } from "./json.ts";

/** What drconfig.yaml says. A key that is absent, or of the wrong type, is absent here; those about consent are never guessed. */
export interface DrConfig {
  readonly endpoint?: string;
  readonly token?: string;
  /** The code's opt-out. True also for a value that is neither yes nor no. */
  readonly disableTelemetry?: boolean;
  readonly telemetry?: DrConfigTelemetry;
}

/** The section of the technical specification (6.5, 13.2). */
export interface DrConfigTelemetry {
  /** False also for a value that is neither yes nor no. */
  readonly enabled?: boolean;
  readonly deviceId?: string;
  /** Seconds since the epoch. */
  readonly optInTimestamp?: number;
  readonly optOutReason?: string;
  /** Which consent text was answered. */
  readonly lastPromptVersion?: string;
  /** Seconds since the epoch. */
  readonly lastUpdated?: number;
}

const MAX_TEXT_LENGTH = 4_096;

/** Reads a parsed configuration. Keys count in any case, as in the DataRobot CLI; undefined for what is no mapping. */
export function interpretDrConfig(parsed: unknown): DrConfig | undefined {
  if (parsed === null || parsed === undefined) return {};
  if (!isRecord(parsed)) return undefined;
  const disable = valuesOf(parsed, "disable-telemetry").map((value) => readSwitch(value) !== "no");
  const sections = valuesOf(parsed, "telemetry").filter((section) => section !== null);
  return withoutAbsent({
    endpoint: textOf(parsed, "endpoint"),
    token: textOf(parsed, "token"),
    disableTelemetry: disable.length === 0 ? undefined : disable.includes(true),
    telemetry: sections.length === 0 ? undefined : readSection(sections),
  });
}

/**
 * The answer that the configuration holds; a no in either place wins. `disable-telemetry: false` is no answer, since that is
 * how the key stands in a configuration that nobody touched.
 */
export function consentIn(config: DrConfig): { readonly enabled: boolean } | undefined {
  if (config.disableTelemetry === true || config.telemetry?.enabled === false) return { enabled: false };
  return config.telemetry?.enabled === true ? { enabled: true } : undefined;
}

function readSection(sections: readonly unknown[]): DrConfigTelemetry {
  const [section] = sections;
  // `telemetry: false`, or two sections that differ in case: somebody meant something, and it was hardly a yes.
  if (sections.length !== 1 || !isRecord(section)) return { enabled: false };
  const enabled = valuesOf(section, "enabled").map((value) => readSwitch(value) === "yes");
  return withoutAbsent({
    enabled: enabled.length === 0 ? undefined : !enabled.includes(false),
    deviceId: textOf(section, "device_id"),
    optInTimestamp: numberOf(section, "opt_in_timestamp"),
    optOutReason: textOf(section, "opt_out_reason"),
    lastPromptVersion: textOf(section, "last_prompt_version") ?? numberOf(section, "last_prompt_version")?.toString(),
    lastUpdated: numberOf(section, "last_updated"),
  });
}

/** YAML 1.1 calls `on` and `yes` booleans, YAML 1.2 texts; people write them either way. */
function readSwitch(value: unknown): "yes" | "no" | "unclear" {
  const isPlain = typeof value === "string" || typeof value === "boolean" || typeof value === "number";
  const word = isPlain ? String(value).trim().toLowerCase() : "";
  if (["true", "1", "t", "on", "yes", "y"].includes(word)) return "yes";
  return ["false", "0", "f", "off", "no", "n"].includes(word) ? "no" : "unclear";
}

function valuesOf(record: Readonly<Record<string, unknown>>, name: string): unknown[] {
  return Object.keys(record).filter((key) => key.toLowerCase() === name).map((key) => record[key]);
}

function textOf(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return valuesOf(record, name).find((value) => typeof value === "string" && value !== "" && value.length <= MAX_TEXT_LENGTH) as string | undefined;
}

function numberOf(record: Readonly<Record<string, unknown>>, name: string): number | undefined {
  return valuesOf(record, name).find((value) => typeof value === "number" && Number.isFinite(value)) as number | undefined;
}

type Present<Fields> = { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

function withoutAbsent<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}
