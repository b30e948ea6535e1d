/** The rules for `deletion`: who may be asked to erase, and what each needs to be asked. */
import { parseEndpoint } from "@candor/backend";
import { isObject, problemIn, type Report } from "./value-checks.ts";

/** Checks one way of asking, or a list of them. */
export function checkDeletion(deletion: unknown, report: Report): void {
  if (deletion === undefined) return;
  if (!Array.isArray(deletion)) return checkWay("deletion", deletion, report);
  if (deletion.length === 0) report("deletion", "name at least one way of asking");
  deletion.forEach((way, index) => checkWay(`deletion[${index}]`, way, report));
  const identities = deletion.map(identityOf);
  identities.forEach((identity, index) => {
    if (identity === undefined || identities.indexOf(identity) === index) return;
    report(`deletion[${index}]`, "leave it out, or give it another name: the same is listed before");
  });
}

function checkWay(option: string, way: unknown, report: Report): void {
  if (!isObject(way)) return report(option, "give { use: \"…\" }, an object with a requestDeletion() method, or a list of them");
  if ("requestDeletion" in way) {
    if (typeof way["requestDeletion"] !== "function") report(`${option}.requestDeletion`, "give a function");
    if (typeof way["name"] !== "string" || way["name"] === "") report(`${option}.name`, "give a name");
    return;
  }
  const { use, endpoint, insecure, address } = way;
  if (use !== "http" && use !== "email" && use !== "event") report(`${option}.use`, "choose one of http, email, event");
  if (use === "http") {
    const parsed = parseEndpoint(endpoint as string, { field: `${option}.endpoint`, insecure: insecure === true });
    if (parsed.status === "invalid") report(`${option}.endpoint`, parsed.problem);
  }
  if (use === "email" && (typeof address !== "string" || !/^[^\s@]+@[^\s@]+$/.test(address))) report(`${option}.address`, "give an e-mail address");
  for (const [name, value] of Object.entries(way)) {
    const problem = name === "endpoint" || name === "address" ? undefined : problemIn(value);
    if (problem) report(`${option}.${name}`, problem);
  }
}

/** What tells one way of asking from another in a list. */
function identityOf(way: unknown): string | undefined {
  if (!isObject(way)) return undefined;
  if ("requestDeletion" in way) return `own ${String(way["name"])}`;
  return JSON.stringify([way["use"], way["endpoint"] ?? way["address"]]);
}
