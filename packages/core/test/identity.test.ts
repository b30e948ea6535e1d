import { describe, expect, it } from "@jest/globals";
import { candorMachineId, dataRobotMachineId, deriveMachineId, type GtbSignals, gtbMachineId } from "../src/identity/identity.ts";
import { fakeMachine } from "./fake-machine.ts";
import { vectorsOf } from "./vectors.ts";

const OS_ID = "b08dfa6083e7567a1921a715000001fb";

interface RecordedSignals {
  readonly os_id: string;
  readonly mac: string;
  readonly hostname: string;
  readonly username: string | null;
}

const signalsOf = ({ os_id: osId, mac, hostname, username }: RecordedSignals): GtbSignals => ({ osId, mac, hostname, username });

describe("DataRobot's id", () => {
  it.each(vectorsOf<{ machine_id: string; app_id: string }, string>("dr.machineid_protected"))("$id matches or is refused", (vector) => {
    const id = dataRobotMachineId(vector.input.machine_id, vector.input.app_id);
    expect(id).toBe(vector.must_be_rejected ? undefined : vector.expected);
  });

  it.each(vectorsOf<{ raw: string }, string>("dr.machineid_trim"))("$id is derived from the trimmed file", ({ input, expected }) => {
    expect(deriveMachineId("datarobot", "dr", fakeMachine({ files: { "/etc/machine-id": input.raw } }))).toBe(dataRobotMachineId(expected, "dr"));
    expect(dataRobotMachineId(input.raw, "dr")).toBe(dataRobotMachineId(expected, "dr"));
  });
});

describe("GTB's id", () => {
  it.each(vectorsOf<RecordedSignals, string>("gtb.machine_id"))("$id matches the original", ({ input, expected }) => {
    expect(gtbMachineId(signalsOf(input))).toBe(expected);
  });

  it.each(vectorsOf<RecordedSignals, string>("gtb.machine_id"))("$id is derived from a machine with these signals", ({ input, expected }) => {
    const machine = fakeMachine({
      files: { "/etc/machine-id": `${input.os_id}\n`, "/var/lib/dbus/machine-id": "another-id-that-gtb-does-not-read" },
      interfaces: { lo: [{ mac: "00:00:00:00:00:01", internal: true }], tun0: [{ mac: "00:00:00:00:00:00", internal: false }], eth0: [{ mac: input.mac.toUpperCase(), internal: false }] },
      hostname: input.hostname,
      ...(input.username === null ? {} : { username: input.username }),
    });
    expect(deriveMachineId("gtb", "any", machine)).toBe(expected);
  });

  it("is derived even when every signal fails", () => {
    const machine = fakeMachine({ broken: true });
    expect(deriveMachineId("gtb", "any", machine)).toBe(gtbMachineId({ osId: "", mac: "", hostname: "", username: null }));
  });
});

describe("candor's id", () => {
  it("is undefined without an OS id", () => {
    expect(candorMachineId("", "notes")).toBeUndefined();
    expect(deriveMachineId("candor", "notes", fakeMachine({}))).toBeUndefined();
    expect(deriveMachineId("datarobot", "notes", fakeMachine({ broken: true }))).toBeUndefined();
  });

  it("never changes: the first 16 bytes of the keyed hash", () => {
    // openssl: printf 'candor:notes' | openssl dgst -sha256 -hmac b08dfa6083e7567a1921a715000001fb
    expect(candorMachineId(OS_ID, "notes")).toBe("a963cad20b50dd31f479da9cd5f55f3c");
  });

  it("differs between two tools and between two machines, and holds no part of the OS id", () => {
    const ids = [candorMachineId(OS_ID, "notes"), candorMachineId(OS_ID, "dr"), candorMachineId(`${OS_ID}0`, "notes")];
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => id !== undefined && /^[0-9a-f]{32}$/.test(id) && !id.includes(OS_ID.slice(0, 8)))).toBe(true);
  });
});
