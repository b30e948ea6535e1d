import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { candorMachineId, type IdentityChoice } from "../src/identity/identity.ts";
import { installationId, peekInstallationId } from "../src/identity/installation-id.ts";
import { type Renewal, renewInstallationId } from "../src/identity/renewal.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { fakeMachine, type MachineScript } from "./fake-machine.ts";
import { filesIn } from "./fixtures.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const OS_ID = "b08dfa6083e7567a1921a715000001fb";
const WITH_ID: MachineScript = { files: { "/etc/machine-id": OS_ID } };

const machine = workstationPerTest();
let directories: Directories;
beforeEach(() => {
  directories = directoriesFor("notes", machine.host);
});

const identify = (choice: IdentityChoice = "candor", script = WITH_ID, localOnly = false): string => installationId(choice, "notes", directories, machine.ports, fakeMachine(script), localOnly).machineId;
const peek = (choice: IdentityChoice = "candor", script = WITH_ID): string | undefined => peekInstallationId(choice, "notes", directories, machine.ports, fakeMachine(script))?.machineId;
const renew = (choice: IdentityChoice = "candor", script = WITH_ID): Renewal => renewInstallationId(choice, "notes", directories, machine.ports, fakeMachine(script));
const onRecord = (): Record<string, unknown> => JSON.parse(readFileSync(directories.identityFile, "utf8")) as Record<string, unknown>;

describe("renewing the id", () => {
  it("does nothing and makes nothing where there was none", () => {
    expect(renew()).toBe("unused");
    expect(machine.disk.mutations).toEqual([]);
  });

  it("gives events another derived id each time, in every later run, and remembers those of before", () => {
    const ids = [identify()];
    for (let generation = 1; generation <= 3; generation++) {
      expect(renew()).toBe("renewed");
      expect(renew()).toBe("unused");
      ids.push(identify());
      expect([identify(), peek()]).toEqual([ids.at(-1), ids.at(-1)]);
      expect(ids.at(-1)).toBe(candorMachineId(OS_ID, "notes", generation));
    }
    expect(new Set(ids).size).toBe(4);
    expect(onRecord()["earlier"]).toEqual(ids.slice(0, 3));
  });

  it("is told by status before an event has made the id", () => {
    identify();
    renew();
    expect(peek()).toBe(candorMachineId(OS_ID, "notes", 1));
  });

  it.each<[IdentityChoice, MachineScript]>([["candor", {}], ["datarobot", {}], [{ use: "candor", otherwise: () => "" }, {}]])("replaces a random id (%j)", (choice, script) => {
    const before = identify(choice, script);
    expect(renew(choice, script)).toBe("renewed");
    expect(peek(choice, script)).toBeUndefined();
    const after = identify(choice, script);
    expect(after).toMatch(/^[0-9a-f-]{36}$/);
    expect(after).not.toBe(before);
    expect(onRecord()["earlier"]).toEqual([before]);
  });

  it.each<[IdentityChoice, MachineScript]>([["gtb", WITH_ID], ["gtb", {}], ["datarobot", WITH_ID], [{ use: "datarobot", otherwise: () => "the-tools-own" }, {}], [{ use: "candor", otherwise: () => "the-tools-own" }, {}]])(
    "says that an id which comes from elsewhere stays (%j)",
    (choice, script) => {
      const before = identify(choice, script);
      expect(renew(choice, script)).toBe("fixed");
      expect(identify(choice, script)).toBe(before);
    },
  );

  it("says so when the disk refuses, and keeps the id", () => {
    const before = identify();
    machine.disk.makeReadOnly();
    expect(renew()).toBe("failed");
    expect(identify()).toBe(before);
  });

  it("does not fall back to an id of before when the record is damaged", () => {
    const before = identify();
    renew();
    const after = identify();
    writeFileSync(directories.identityFile, "{");
    expect(renew()).toBe("renewed");
    expect([before, after]).not.toContain(identify());
  });

  it("keeps the ids apart when the home moves to another machine", () => {
    identify();
    renew();
    const other: MachineScript = { files: { "/etc/machine-id": `${OS_ID.slice(0, -1)}c` } };
    expect(identify("candor", other)).toBe(candorMachineId(`${OS_ID.slice(0, -1)}c`, "notes", 1));
  });
});

describe("an id that stood in the local log alone", () => {
  it("is marked so, until events go elsewhere", () => {
    const id = identify("candor", WITH_ID, true);
    expect(onRecord()).toMatchObject({ machineId: id, keptHere: true });
    expect(identify()).toBe(id);
    expect(onRecord()["keptHere"]).toBe(false);
    identify("candor", WITH_ID, true);
    expect(onRecord()["keptHere"]).toBe(false);
  });

  it("is not remembered among those that a deletion request names", () => {
    identify("candor", WITH_ID, true);
    expect(renew()).toBe("renewed");
    expect(onRecord()["earlier"]).toEqual([]);
  });

  it("is not used elsewhere while that cannot be put on record", () => {
    const id = identify("candor", WITH_ID, true);
    machine.disk.makeReadOnly();
    expect(identify()).toMatch(/^fallback-/);
    expect(identify("candor", WITH_ID, true)).toBe(id);
  });
});

describe("a random id", () => {
  it.each(["writeFileSync", "linkSync"] as const)("is one when two first runs begin at the same moment (the other is first at %s)", (step) => {
    const { fileSystem } = machine.ports;
    const other = machine.startProcess();
    const ids: string[] = [];
    const interrupted = (...given: readonly unknown[]): void => {
      if (ids.length === 0) ids.push(installationId("candor", "notes", directories, other.ports, fakeMachine({})).machineId);
      (fileSystem[step] as (...args: readonly unknown[]) => void)(...given);
    };
    const ports = { ...machine.ports, fileSystem: { ...fileSystem, [step]: interrupted } };
    ids.push(installationId("candor", "notes", directories, ports, fakeMachine({})).machineId);
    expect(ids).toEqual([onRecord()["machineId"], onRecord()["machineId"]]);
    expect(filesIn(directories.data)).toEqual([directories.identityFile]);
  });

  it("is kept where the file system has no hard links", () => {
    machine.disk.fail({ call: "linkSync", code: "EPERM", forever: true });
    const id = identify("candor", {});
    expect([identify("candor", {}), onRecord()["machineId"]]).toEqual([id, id]);
  });

  it("lives for this process only where the disk takes nothing", () => {
    machine.disk.makeReadOnly();
    expect(identify("candor", {})).toMatch(/^fallback-/);
  });
});
