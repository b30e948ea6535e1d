/**
 * The machine: reads the identifier the operating system gave it, and the signals around it. Every
 * read may fail and then answers "" instead of throwing. It derives nothing, writes nothing, and no
 * value it answers may leave the machine as it is: `identity` hashes them first.
 */
import { digest } from "../platform/digest.ts";
import { environmentVariables } from "../platform/environment.ts";

/** A network interface's addresses, as `os.networkInterfaces()` lists them. */
export type NetworkInterfaces = Readonly<Record<string, readonly { readonly mac: string; readonly internal: boolean }[] | undefined>>;

/** The machine as seen from here. Every function may throw; the callers answer for it. */
export interface MachineSystem {
  readonly platform: string;
  /** Where Windows is installed; `C:\Windows` by default. */
  readonly systemRoot?: string;
  readFile(path: string): string;
  /** Runs a program by its absolute path, within a time limit, and answers its output. */
  run(file: string, args: readonly string[]): string;
  networkInterfaces(): NetworkInterfaces;
  hostname(): string;
  username(): string;
}

/** Where Linux keeps its id: D-Bus had it before systemd did, and DataRobot's library asks in this order. */
const LINUX_ID_FILES = ["/var/lib/dbus/machine-id", "/etc/machine-id"];
/** A shorter text is a placeholder, not an id. */
const MIN_ID_LENGTH = 8;
/** Longest wait for a subprocess; both answer within tens of milliseconds. */
const RUN_TIMEOUT_MS = 1_000;
/** Largest output read from a subprocess; `ioreg` answers about 3 KiB. */
const MAX_OUTPUT_BYTES = 1_048_576;

/** The real machine. Builtins are loaded at the first question that needs them. */
export function realMachineSystem(): MachineSystem {
  const system: MachineSystem = {
    platform: process.platform,
    readFile: (path) => process.getBuiltinModule("node:fs").readFileSync(path, "utf8"),
    run: (file, args) =>
      process.getBuiltinModule("node:child_process").execFileSync(file, [...args], {
        encoding: "utf8",
        timeout: RUN_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        killSignal: "SIGKILL",
        windowsHide: true,
        stdio: ["ignore", "pipe", "ignore"],
      }),
    networkInterfaces: () => (process.platform === "linux" ? linuxInterfaces() : process.getBuiltinModule("node:os").networkInterfaces()),
    hostname: () => process.getBuiltinModule("node:os").hostname(),
    username: () => accountName(process.getBuiltinModule("node:os").userInfo().username),
  };
  const { SystemRoot: systemRoot } = environmentVariables();
  return systemRoot === undefined ? system : { ...system, systemRoot };
}

/**
 * The operating system's id for this machine, trimmed, or "" when there is none worth using: files
 * that are missing, empty, `uninitialized`, all zeros or shorter than 8 characters are passed over,
 * because every container image with such a file would share one identity.
 */
export function readOsMachineId(system: MachineSystem): string {
  if (system.platform !== "linux") return usable(readPlatformId(system));
  for (const path of LINUX_ID_FILES) {
    const id = usable(attempt(() => system.readFile(path)));
    if (id !== "") return id;
  }
  return "";
}

/** The id as GTB reads it: on Linux only `/etc/machine-id`, and whatever stands there; "" on failure. */
export function readGtbOsId(system: MachineSystem): string {
  return system.platform === "linux" ? attempt(() => system.readFile("/etc/machine-id")).trim() : readPlatformId(system);
}

/**
 * A cheap check value of this machine: 8 hex digits, FNV-1a over the OS id file on Linux and over the
 * host name elsewhere. It tells a cached id that its home directory moved to another machine; it is
 * neither unique nor secret. Starts no subprocess and never throws.
 */
export function machineFingerprint(system: MachineSystem): string {
  const id = system.platform === "linux" ? readOsMachineId(system) : "";
  return digest(id === "" ? attempt(() => system.hostname()) : id);
}

/** Answers what `read` answers, or "" when it throws: no signal is worth failing a command for. */
export function attempt(read: () => string): string {
  try {
    const text: unknown = read();
    return typeof text === "string" ? text : "";
  } catch {
    // A missing file, a denied subprocess, an unknown user: each only means that the signal is absent.
    return "";
  }
}

function readPlatformId(system: MachineSystem): string {
  if (system.platform === "darwin") {
    const output = attempt(() => system.run("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"]));
    return /"IOPlatformUUID"\s*=\s*"([^"\r\n]*)"/.exec(output)?.[1]?.trim() ?? "";
  }
  if (system.platform === "win32") {
    const program = `${system.systemRoot ?? "C:\\Windows"}\\System32\\reg.exe`;
    const output = attempt(() => system.run(program, ["query", "HKLM\\SOFTWARE\\Microsoft\\Cryptography", "/v", "MachineGuid", "/reg:64"]));
    const line = output.split(/\r?\n/).find((text) => text.includes("MachineGuid")) ?? "";
    return line.trim().split(/\s+/).at(-1) ?? "";
  }
  return "";
}

function usable(raw: string): string {
  const id = raw.trim();
  return id.length < MIN_ID_LENGTH || id === "uninitialized" || /^[0-]*$/.test(id) ? "" : id;
}

/** Windows accounts carry their domain in Go, and so in ids that Go tools derived before. */
function accountName(user: string): string {
  const { USERDOMAIN: domain } = environmentVariables();
  return process.platform === "win32" && domain ? `${domain}\\${user}` : user;
}

/**
 * Linux interfaces from sysfs in the order of their index, those that are down included: Go lists
 * them so, while Node lists only those that are up and have an address.
 */
function linuxInterfaces(): NetworkInterfaces {
  const fs = process.getBuiltinModule("node:fs");
  const root = "/sys/class/net";
  const read = (name: string, fact: string): string => attempt(() => fs.readFileSync(`${root}/${name}/${fact}`, "utf8")).trim();
  const loopback = 0x8;
  return Object.fromEntries(
    fs
      .readdirSync(root)
      .map((name) => ({ name, index: Number(read(name, "ifindex")), mac: read(name, "address"), flags: Number(read(name, "flags")) }))
      .sort((left, right) => left.index - right.index)
      .map(({ name, mac, flags }) => [name, [{ mac, internal: (flags & loopback) !== 0 }]]),
  );
}
