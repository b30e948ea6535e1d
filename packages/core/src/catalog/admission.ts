/**
 * Admission: keeps to the catalog at run time. What is not declared does not get into an event, whatever object it comes in; it is
 * counted, never kept. Only declared properties of an author's object are read, and the rules of an event are worked out when it
 * first happens, so that a command pays for what it tracks. It redacts nothing itself.
 */
import type { EventType, JsonValue, Logger, Metadata } from "@candor/backend";
import { shortened } from "../event/bounded-text.ts";
import type { LossReason, PropertyLossReason } from "../spool/loss-counts.ts";
import { type Catalog, COMMAND_EVENT_TYPE, DEFAULT_EVENT_TYPE, type ItemDeclaration, type PropertyDeclaration } from "./catalog.ts";

/** Makes texts safe; the catalog trusts no text, whatever it is declared as. */
type Normalise = (properties: Readonly<Record<string, unknown>>) => Metadata;

/** What the catalog says of an event. */
interface DeclaredEvent {
  readonly type: EventType;
  /** The declared properties of what an author passed. Never throws; reads each property once. */
  admit(properties: unknown, normalise: Normalise): Metadata;
}

export interface Admission {
  /** Undefined, and counted, when no such event is declared. */
  find(type: EventType, name: string): DeclaredEvent | undefined;
  /** What `metadata` answered, as far as any event may carry it. Never throws. */
  common(properties: unknown, normalise: Normalise): Metadata;
}

export interface AdmissionSettings {
  /** Counts what is dropped. */
  readonly lose: (reason: LossReason | PropertyLossReason, count: number) => void;
  readonly logger: Logger;
}

/** Undefined for a value that does not fit. */
type Check = (value: unknown, normalise: Normalise) => JsonValue | undefined;
type Checks = ReadonlyMap<string, Check>;
type Declarations = Readonly<Record<string, PropertyDeclaration>>;

/** Names of dropped properties in a debug line, and how much of each. */
const MAX_NAMED = 5;
const MAX_NAME_LENGTH = 64;

/** Admission for a catalog. Where it has mistakes that its author has not heard of, what they concern is not recorded. */
export function createAdmission(catalog: Catalog, { lose, logger }: AdmissionSettings): Admission {
  const shared = checksOf(catalog.common?.properties);
  const events = new Map<string, DeclaredEvent>();
  const commands = new Map<string, DeclaredEvent>();
  let anyCommand: DeclaredEvent | undefined;

  const declare = (type: EventType, ...properties: readonly (Declarations | undefined)[]): DeclaredEvent => {
    const checks: Checks = new Map([...shared, ...properties.flatMap((declared) => [...checksOf(declared)])]);
    return { type, admit: (given, normalise) => admit(given, checks, normalise) };
  };

  /** Commands of which nothing is declared share one entry: their names are not ours, and there is no end to them. */
  const findCommand = (path: string): DeclaredEvent => {
    const { properties, byPath = {} } = catalog.commands ?? {};
    const own = Object.hasOwn(byPath, path) ? byPath[path] : undefined;
    if (!own) return (anyCommand ??= declare(COMMAND_EVENT_TYPE, properties));
    const declared = declare(COMMAND_EVENT_TYPE, properties, own.properties);
    commands.set(path, declared);
    return declared;
  };

  const findEvent = (name: string): DeclaredEvent | undefined => {
    const declaration = Object.hasOwn(catalog.events, name) ? catalog.events[name] : undefined;
    if (!declaration) {
      lose("undeclared", 1);
      logger.debug("not tracked: the catalog declares no such event", { name: shortened(name, MAX_NAME_LENGTH) });
      return undefined;
    }
    const declared = declare(declaration.type ?? DEFAULT_EVENT_TYPE, declaration.properties);
    events.set(name, declared);
    return declared;
  };

  const admit = (given: unknown, checks: Checks, normalise: Normalise): Metadata => {
    if (given === undefined || given === null) return {};
    const names = namesIn(given);
    const admitted: Record<string, JsonValue> = {};
    const invalid: string[] = names ? [] : ["all of them"];
    const undeclared: string[] = [];
    for (const name of names ?? []) {
      const check = checks.get(name);
      if (!check) {
        undeclared.push(name);
        continue;
      }
      const reading = read(given, name, (value) => (value === undefined ? "absent" : { value: check(value, normalise) }));
      if (reading === "absent") continue;
      if (reading?.value === undefined) invalid.push(name);
      else admitted[name] = reading.value;
    }
    note("undeclared-property", undeclared, "the catalog does not declare them");
    note("invalid-property", invalid, "they do not fit their declaration");
    return admitted;
  };

  const note = (reason: PropertyLossReason, names: readonly string[], why: string): void => {
    if (names.length === 0) return;
    lose(reason, names.length);
    const named = names.slice(0, MAX_NAMED).map((name) => shortened(name, MAX_NAME_LENGTH));
    logger.debug(`${names.length} telemetry properties are dropped: ${why}`, { names: named });
  };

  return {
    find: (type, name) => (type === COMMAND_EVENT_TYPE ? (commands.get(name) ?? findCommand(name)) : (events.get(name) ?? findEvent(name))),
    common: (properties, normalise) => admit(properties, shared, normalise),
  };
}

/** Names of the properties; undefined for what has none. */
function namesIn(given: unknown): string[] | undefined {
  try {
    return typeof given === "object" && given !== null && !Array.isArray(given) && !(given instanceof Map) ? Object.keys(given) : undefined;
  } catch {
    // A revoked proxy; the event goes on without properties.
    return undefined;
  }
}

/** Undefined when reading throws: a getter of the author's costs its property. */
function read<Result>(given: unknown, name: string, judge: (value: unknown) => Result): Result | undefined {
  try {
    return judge(Reflect.get(given as object, name));
  } catch {
    return undefined;
  }
}

function checksOf(declared: Declarations = {}): Checks {
  return new Map(Object.entries(declared).map(([name, declaration]) => [name, checkFor(name, declaration)]));
}

function checkFor(name: string, declaration: PropertyDeclaration): Check {
  switch (declaration.type) {
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : undefined);
    case "integer":
    case "number": {
      const { type, min, max } = declaration;
      const fits = (value: unknown): value is number =>
        typeof value === "number" && (type === "number" || Number.isSafeInteger(value)) && value >= min && value <= max;
      // Adding 0 turns -0, which JSON would lose silently, into 0.
      return (value) => (fits(value) ? value + 0 : undefined);
    }
    case "enum":
    case "text":
      return (value, normalise) => textsFor([value], name, declaration, normalise)?.[0];
    case "list": {
      const { maxItems, items } = declaration;
      return (value, normalise) => {
        const length = Array.isArray(value) ? value.length : maxItems + 1;
        if (length > maxItems) return undefined;
        // Copied first: what is checked must be what is kept, and a hole must be seen.
        const given = Array.from({ length }, (_, index) => (value as readonly unknown[])[index]);
        return textsFor(given, name, items, normalise);
      };
    }
  }
}

/** All of the values, or undefined when one does not fit. */
function textsFor(values: readonly unknown[], name: string, declaration: ItemDeclaration, normalise: Normalise): string[] | undefined {
  if (!values.every((value) => typeof value === "string")) return undefined;
  if (declaration.type === "enum") return values.every((value) => declaration.values.includes(value)) ? [...values] : undefined;
  // The name goes along, because redaction judges by it; it may come back as another.
  const [safe] = Object.values(normalise({ [name]: values.length === 1 ? values[0] : values }));
  const texts = Array.isArray(safe) ? safe : [safe];
  return texts.every((text) => typeof text === "string") ? texts.map((text) => shortened(text, declaration.maxLength)) : undefined;
}
