/**
 * The operating system: its name and version in DataRobot's words. Total; starts no subprocess. Where the DataRobot CLI asks
 * macOS by a system call, this reads the file from which the system answers it.
 */
import { attempt, type Machine, realMachine } from "./machine.ts";

/** Names for people (DataRobot CLI, internal/telemetry/os_*.go), by Node's platform and by Go's. */
const NAMES: Readonly<Record<string, string>> = { darwin: "macOS", linux: "Linux", win32: "Windows", windows: "Windows" };

/** A version is a few numbers and words; what is longer is none. */
const VERSION = /^[\w.+~ -]{1,64}$/;

/** `macOS`, `Linux`, `Windows`; any other platform as it is. Takes Node's names and Go's. */
export function osName(platform: string = process.platform): string {
  return Object.hasOwn(NAMES, platform) ? (NAMES[platform] ?? platform) : platform;
}

/** The version of the distribution or of the system, such as `22.04` or `15.7.5`; "" where nothing tells it. */
export function osVersion(machine: Machine = realMachine()): string {
  const version = attempt(() => readVersion(machine)).trim();
  return VERSION.test(version) ? version : "";
}

function readVersion(machine: Machine): string {
  switch (machine.platform) {
    case "linux":
      return versionInOsRelease(machine.readSystemFile("/etc/os-release"));
    case "darwin":
      return versionInPropertyList(machine.readSystemFile("/System/Library/CoreServices/SystemVersion.plist"));
    case "win32":
      return machine.kernelRelease();
    default:
      return "";
  }
}

/** `VERSION_ID` of os-release(5), without its quotes of either kind; "" when there is none. */
function versionInOsRelease(text: string): string {
  const value = /^VERSION_ID=(.*)$/m.exec(text)?.[1]?.trim() ?? "";
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}

/** `ProductVersion` of macOS's SystemVersion.plist, which is what `kern.osproductversion` answers; "" when there is none. */
function versionInPropertyList(text: string): string {
  return /<key>ProductVersion<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1] ?? "";
}
