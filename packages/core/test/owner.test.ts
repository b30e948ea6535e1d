import { describe, expect, it } from "@jest/globals";
import { livenessOf, ownerOf, processIdOf, thisOwner } from "../src/platform/owner.ts";
import type { Ports } from "../src/platform/ports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

/** Ports on which the kernel tells this start time for every process. */
function startedAt(ticks: number | undefined, name = "node"): Ports {
  const readFileSync = ((path: string, ...rest: readonly unknown[]) => {
    if (!path.endsWith("/stat")) return (machine.ports.fileSystem.readFileSync as (...args: readonly unknown[]) => unknown)(path, ...rest);
    if (ticks === undefined) throw new Error("ENOENT");
    return `7 (${name}) S ${Array.from({ length: 18 }, (_, field) => field).join(" ")} ${ticks} 0 0`;
  }) as Ports["fileSystem"]["readFileSync"];
  return { ...machine.ports, host: { ...machine.host, platform: "linux" }, fileSystem: { ...machine.ports.fileSystem, readFileSync } };
}

describe("owner", () => {
  it.each(["", "x", "1a2b3c4d-1", "1a2b3c4d-1-2-3", "1A2B3C4D-1-2", "1a2b3c4d--1-2", "../1a2b3c4d-1-2"])("is dead when its name says nothing: %j", (name) => {
    expect(livenessOf(name, machine.ports)).toBe("dead");
    expect(processIdOf(name)).toBeUndefined();
  });

  it("is alive while its process exists and dead afterwards", () => {
    const owner = thisOwner(machine.ports);
    expect(livenessOf(owner, machine.ports)).toBe("alive");
    expect(processIdOf(owner)).toBe(machine.host.id);
    machine.host.living.clear();
    expect(livenessOf(owner, machine.ports)).toBe("dead");
  });

  it("is dead when its process id was given to another process", () => {
    const owner = ownerOf(machine.host.id, startedAt(1_000));
    expect(owner).toMatch(/-1000$/);
    expect(livenessOf(owner, startedAt(1_000))).toBe("alive");
    expect(livenessOf(owner, startedAt(2_000))).toBe("dead");
  });

  it("is told by a name with spaces and parentheses too", () => {
    expect(ownerOf(machine.host.id, startedAt(77, "a) R 1 2 (b"))).toMatch(/-77$/);
  });

  it("is believed alive where no start time is told", () => {
    expect(livenessOf(ownerOf(machine.host.id, startedAt(undefined)), startedAt(2_000))).toBe("alive");
    expect(livenessOf(ownerOf(machine.host.id, startedAt(1_000)), startedAt(undefined))).toBe("alive");
  });

  it("is foreign on another host", () => {
    const owner = thisOwner(machine.ports);
    machine.host.name = "elsewhere";
    expect(livenessOf(owner, machine.ports)).toBe("foreign");
    machine.host.living.clear();
    expect(livenessOf(owner, machine.ports)).toBe("foreign");
  });

  it("is foreign in another process-id namespace of the same host", () => {
    const inNamespace = (id: string): Ports => ({
      ...machine.ports,
      host: { ...machine.host, platform: "linux" },
      fileSystem: { ...machine.ports.fileSystem, readlinkSync: (() => `pid:[${id}]`) as unknown as Ports["fileSystem"]["readlinkSync"] },
    });
    expect(livenessOf(thisOwner(inNamespace("1")), inNamespace("2"))).toBe("foreign");
    expect(livenessOf(thisOwner(inNamespace("1")), inNamespace("1"))).toBe("alive");
  });

  it("has a name that is safe as a file's", () => {
    machine.host.name = "../../etc/pass wd\u0000";
    expect(thisOwner(machine.ports)).toMatch(/^[0-9a-f]{8}-\d+-\d+$/);
  });
});
