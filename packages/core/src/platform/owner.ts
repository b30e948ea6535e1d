/**
 * The owner: names a process so that another process, now or later, can tell whether it still lives.
 * `<host>-<pid>-<start>`: `host` stands for the machine and its process-id namespace, `start` is the
 * kernel's start time of the process where the platform tells it (Linux), so that a recycled process
 * id is not mistaken for the old one.
 */
import { digest } from "./digest.ts";
import type { Ports } from "./ports.ts";

export type Liveness = "alive" | "dead" | "foreign";

const OWNER = /^([0-9a-f]{8})-(\d+)-(\d+)$/;

/** Names of processes by what stands for them; the name of a living process never changes. */
const names = new WeakMap<Ports["host"], string>();

/** The name of the current process. */
export function thisOwner(ports: Ports): string {
  const known = names.get(ports.host);
  if (known !== undefined) return known;
  const name = ownerOf(ports.host.id, ports);
  names.set(ports.host, name);
  return name;
}

/** The name of process `processId` on this machine. */
export function ownerOf(processId: number, ports: Ports): string {
  return `${hostToken(ports)}-${processId}-${readProcess(processId, ports)?.startTime ?? 0}`;
}

/** Whether the named process lives; `foreign` when it belongs to another machine and cannot be asked. */
export function livenessOf(owner: string, ports: Ports): Liveness {
  const parts = OWNER.exec(owner);
  if (!parts) return "dead";
  const [, host, id, start] = parts;
  if (host !== hostToken(ports)) return "foreign";
  const processId = Number(id);
  if (!ports.host.exists(processId)) return "dead";
  const kernel = readProcess(processId, ports);
  if (!kernel) return "alive";
  // A zombie is waiting for a parent that may never ask; it does nothing any more.
  if (kernel.state === "Z" || kernel.state === "X") return "dead";
  return start !== "0" && kernel.startTime !== start ? "dead" : "alive";
}

/** Whether the text has the form of an owner's name. */
export function isOwner(text: string): boolean {
  return OWNER.test(text);
}

/** The process id in an owner's name. */
export function processIdOf(owner: string): number | undefined {
  const parts = OWNER.exec(owner);
  return parts ? Number(parts[2]) : undefined;
}

function hostToken(ports: Ports): string {
  return digest(`${ports.host.hostname()} ${processNamespace(ports)}`);
}

function processNamespace({ host, fileSystem }: Ports): string {
  if (host.platform !== "linux") return "";
  try {
    return fileSystem.readlinkSync("/proc/self/ns/pid");
  } catch {
    // No /proc (a chroot): the host name alone has to do.
    return "";
  }
}

/** What Linux says of a process; undefined where there is no /proc, or no such process any more. */
function readProcess(processId: number, { host, fileSystem }: Ports): { state: string; startTime: string } | undefined {
  if (host.platform !== "linux") return undefined;
  try {
    const stat = fileSystem.readFileSync(`/proc/${processId}/stat`, "utf8");
    // proc(5): field 3 is the state, field 22 the start; field 2 is the name in parentheses and may hold any character.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", startTime: fields[19] ?? "0" };
  } catch {
    // It ended in between, or there is no /proc (a chroot).
    return undefined;
  }
}
