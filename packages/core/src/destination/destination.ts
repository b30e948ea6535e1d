/**
 * The destination: a backend together with the key under which the spool and the journal remember what it has.
 * The key comes from the configuration without its secrets, so that the tool's process can know it without
 * loading the backend, and so that a rotated API key is not a new destination.
 */
import type { Backend } from "@candor/backend";
import { digest } from "../platform/digest.ts";

/** A backend chosen by serialisable configuration. */
export interface BackendChoice {
  /** Built-in short name, or the specifier of a module whose default export is a `BackendFactory`. */
  readonly use: string;
  readonly [option: string]: unknown;
}

export interface Destination {
  readonly key: string;
  /** Digest of how it is configured, credentials included: a change ends a back-off. */
  readonly settings?: string;
  /** For people: `http (https://telemetry.example.com/events)`. */
  readonly description: string;
  readonly backend: Backend;
}

/** Options that say where events go, as opposed to how, or with which credential. */
const PLACE_OPTIONS = ["endpoint", "url", "host", "path", "site", "region", "serverZone", "project"] as const;

/** The key of a configured destination: eight hexadecimal digits. */
export function keyOfChoice(choice: BackendChoice): string {
  return digest([choice.use, ...PLACE_OPTIONS.map((name) => (typeof choice[name] === "string" ? choice[name] : ""))].join("\n"));
}

/** A digest of all settings, so that whoever mends a credential need not wait for a back-off to end. */
export function settingsOf(backend: BackendChoice | Backend): string {
  return isBackend(backend) ? keyOfBackend(backend) : digest(JSON.stringify(backend));
}

/** The key of a live backend. */
export function keyOfBackend(backend: Pick<Backend, "name" | "destination">): string {
  return digest(`${backend.name}\n${backend.destination}`);
}

/** What a live backend must have. */
const PARTS = { name: "string", destination: "string", limits: "object", send: "function", close: "function" } as const;
type Part = keyof typeof PARTS;
const PART_NAMES = Object.keys(PARTS) as readonly Part[];

/** Whether the value is a live backend rather than a choice. */
export function isBackend(value: unknown): value is Backend {
  return typeof value === "object" && value !== null && PART_NAMES.every((part) => isPart(value, part));
}

/** What an object lacks to be a live backend. */
export function missingIn(value: object): string[] {
  return PART_NAMES.filter((part) => !isPart(value, part));
}

function isPart(value: Partial<Record<Part, unknown>>, part: Part): boolean {
  return typeof value[part] === PARTS[part] && value[part] !== null;
}
