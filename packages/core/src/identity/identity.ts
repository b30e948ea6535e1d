/**
 * Identity: derives the pseudonymous id of an installation from the machine's signals. Derivations
 * are pure and refuse an empty machine id, which would be shared by every machine without one. It
 * keeps nothing; what is stored between runs is the installation id's business.
 */
import { attempt, type MachineSystem, readGtbOsId, readOsMachineId } from "./machine-id.ts";

/** Whose derivation to use: candor's own, or the one of a system whose ids must go on. */
export type IdentityProvider = "candor" | "gtb" | "datarobot";

/** A provider, or one with something to ask where the machine has no id of its own. */
export type IdentityChoice =
  | IdentityProvider
  | {
      readonly use: IdentityProvider;
      /**
       * The id for a machine without one. Whoever answers it keeps it; an id that begins with `fallback-` is of this process only.
       * A throw, or an answer that is no text, leaves it to candor's own stored random id.
       */
      readonly otherwise: () => string;
    };

/** The four signals GTB hashes; a missing one is "", a failed user lookup is null. */
export interface GtbSignals {
  readonly osId: string;
  readonly mac: string;
  readonly hostname: string;
  readonly username: string | null;
}

/** Bytes of the hash that candor's id keeps: 128 bits, 32 hex digits, as many as the OS id itself has. */
const CANDOR_ID_BYTES = 16;
/** Bytes of the hash that GTB keeps (pkg/telemetry/machine.go). */
const GTB_ID_BYTES = 8;

/**
 * candor's id: the first 16 bytes of HMAC-SHA256 with the OS id as key and `candor:<tool>` as
 * message, as 32 lower-case hex digits. No two tools share it, and it cannot be turned back into the
 * OS id. Undefined for an empty OS id. Every reset begins a new generation, whose message is
 * `candor:<tool>:<generation>`; no tool's name holds a colon.
 */
export function candorMachineId(osId: string, toolName: string, generation = 0): string | undefined {
  const message = generation === 0 ? `candor:${toolName}` : `candor:${toolName}:${generation}`;
  return osId === "" ? undefined : keyedHash(osId, message).slice(0, CANDOR_ID_BYTES * 2);
}

/**
 * DataRobot's id: the protected id of github.com/denisbrodbeck/machineid v1.0.1, HMAC-SHA256 with the
 * OS id as key and the application id as message, as 64 hex digits. Undefined for an empty OS id,
 * which the original accepts.
 */
export function dataRobotMachineId(osId: string, appId: string): string | undefined {
  const key = osId.trim();
  return key === "" ? undefined : keyedHash(key, appId);
}

/**
 * GTB's id: the first 8 bytes of SHA-256 over the signals joined by `:`, as 16 hex digits. Always
 * defined, as in the original; a failed user lookup leaves the fourth part out.
 */
export function gtbMachineId({ osId, mac, hostname, username }: GtbSignals): string {
  const parts = username === null ? [osId, mac, hostname] : [osId, mac, hostname, username];
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256").update(parts.join(":")).digest("hex");
  return hash.slice(0, GTB_ID_BYTES * 2);
}

/**
 * The id of this machine for one tool. Undefined when the machine has no OS id and the provider needs
 * one; the caller then falls back to a stored random id. DataRobot's application id is the tool's
 * name. GTB's first network interface is exact on Linux only: Node does not list every interface of
 * macOS and Windows. Only candor's own id has generations. Never throws.
 */
export function deriveMachineId(provider: IdentityProvider, toolName: string, system: MachineSystem, generation = 0): string | undefined {
  if (provider === "candor") return candorMachineId(readOsMachineId(system), toolName, generation);
  if (provider === "datarobot") return dataRobotMachineId(readOsMachineId(system), toolName);
  return gtbMachineId({
    osId: readGtbOsId(system),
    mac: attempt(() => firstMac(system)),
    hostname: attempt(() => system.hostname()),
    username: usernameOf(system),
  });
}

function usernameOf(system: MachineSystem): string | null {
  try {
    return system.username();
  } catch {
    // A process may run as a user that has no account; GTB leaves the signal out then.
    return null;
  }
}

/** The first hardware address that is not a loopback's; "" when there is none. */
function firstMac(system: MachineSystem): string {
  const addresses = Object.values(system.networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ mac, internal }) => !internal && /[1-9a-f]/i.test(mac))?.mac.toLowerCase() ?? "";
}

function keyedHash(key: string, message: string): string {
  return process.getBuiltinModule("node:crypto").createHmac("sha256", key).update(message).digest("hex");
}
