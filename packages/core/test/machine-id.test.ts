import { describe, expect, it } from "@jest/globals";
import { machineFingerprint, readGtbOsId, readOsMachineId, realMachineSystem } from "../src/identity/machine-id.ts";
import { fakeMachine } from "./fake-machine.ts";
import { vectorsOf } from "./vectors.ts";

const OS_ID = "b08dfa6083e7567a1921a715000001fb";

describe("OS machine id", () => {
  it.each(["", "\n", "uninitialized\n", "00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000", "abc"])(
    "is absent when the files hold %p",
    (content) => {
      const machine = fakeMachine({ files: { "/etc/machine-id": content, "/var/lib/dbus/machine-id": content } });
      expect(readOsMachineId(machine)).toBe("");
    },
  );

  it.each(["linux", "darwin", "win32", "freebsd"])("is absent when everything fails on %s", (platform) => {
    expect(readOsMachineId(fakeMachine({ platform, broken: true }))).toBe("");
  });

  it.each(["darwin", "win32"])("is absent when the program on %s prints something else", (platform) => {
    expect(readOsMachineId(fakeMachine({ platform, output: "ERROR: access denied\r\n" }))).toBe("");
  });

  it("passes over a file without a usable id", () => {
    const machine = fakeMachine({ files: { "/var/lib/dbus/machine-id": "uninitialized\n", "/etc/machine-id": `${OS_ID}\n` } });
    expect(readOsMachineId(machine)).toBe(OS_ID);
  });

  it.each(vectorsOf<unknown, readonly string[]>("dr.machineid_linux_paths"))("$id asks the files in DataRobot's order", ({ expected }) => {
    const machine = fakeMachine({});
    readOsMachineId(machine);
    expect(machine.reads).toEqual(expected);
    expect(machine.runs).toEqual([]);
  });

  it.each(vectorsOf<{ raw: string }, string>("dr.machineid_trim"))("$id is trimmed", ({ input, expected }) => {
    expect(readOsMachineId(fakeMachine({ files: { "/var/lib/dbus/machine-id": input.raw } }))).toBe(expected);
  });

  it("is the platform UUID on macOS, asked from the program in the system's own directory", () => {
    const output = '+-o J314sAP  <class IOPlatformExpertDevice>\n    {\n      "IOPlatformSerialNumber" = "XYZ"\n      "IOPlatformUUID" = "564D2F5C-1B6A-4E0B-9F53-0C7A6F2E9A11"\n    }\n';
    const machine = fakeMachine({ platform: "darwin", output });
    expect(readOsMachineId(machine)).toBe("564D2F5C-1B6A-4E0B-9F53-0C7A6F2E9A11");
    expect(readGtbOsId(machine)).toBe("564D2F5C-1B6A-4E0B-9F53-0C7A6F2E9A11");
    expect(machine.runs[0]).toBe("/usr/sbin/ioreg -rd1 -c IOPlatformExpertDevice");
  });

  it("is the machine guid of the 64-bit registry on Windows", () => {
    const output = "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    a3f1c2d4-5b6e-4789-8abc-def012345678\r\n\r\n";
    const machine = fakeMachine({ platform: "win32", systemRoot: "D:\\Windows", output });
    expect(readOsMachineId(machine)).toBe("a3f1c2d4-5b6e-4789-8abc-def012345678");
    expect(machine.runs).toEqual(["D:\\Windows\\System32\\reg.exe query HKLM\\SOFTWARE\\Microsoft\\Cryptography /v MachineGuid /reg:64"]);
  });

  it("is read for GTB from its one file, whatever stands there", () => {
    const machine = fakeMachine({ files: { "/var/lib/dbus/machine-id": OS_ID, "/etc/machine-id": " uninitialized\n" } });
    expect(readGtbOsId(machine)).toBe("uninitialized");
    expect(readGtbOsId(fakeMachine({}))).toBe("");
  });
});

describe("machine fingerprint", () => {
  it("answers without any signal", () => {
    // FNV-1a of the empty text is the offset basis.
    expect(machineFingerprint(fakeMachine({ broken: true }))).toBe("811c9dc5");
  });

  it("is FNV-1a of the OS id on Linux", () => {
    // Published FNV-1a test vector: "foobar" is bf9cf968; the id here has the least length, so it is pinned.
    expect(machineFingerprint(fakeMachine({ platform: "darwin", hostname: "foobar" }))).toBe("bf9cf968");
    expect(machineFingerprint(fakeMachine({ files: { "/etc/machine-id": OS_ID } }))).not.toBe(
      machineFingerprint(fakeMachine({ files: { "/etc/machine-id": `${OS_ID}0` } })),
    );
  });

  it("does not change with the host name on Linux, and starts no subprocess anywhere", () => {
    const files = { "/etc/machine-id": OS_ID };
    expect(machineFingerprint(fakeMachine({ files, hostname: "a" }))).toBe(machineFingerprint(fakeMachine({ files, hostname: "b" })));
    const mac = fakeMachine({ platform: "darwin", hostname: "a" });
    machineFingerprint(mac);
    expect(mac.runs).toEqual([]);
  });
});

describe("real machine", () => {
  it("answers its signals", () => {
    const machine = realMachineSystem();
    expect(machine.platform).toBe(process.platform);
    expect(machine.hostname()).not.toBe("");
    expect(machine.run(process.execPath, ["-e", "process.stdout.write('ok')"])).toBe("ok");
    expect(() => machine.readFile("/no/such/file")).toThrow("ENOENT");
    const addresses = Object.values(machine.networkInterfaces()).flatMap((list) => list ?? []);
    expect(addresses.every(({ mac, internal }) => typeof mac === "string" && typeof internal === "boolean")).toBe(true);
  });

  it("stops a program that does not end", () => {
    expect(() => realMachineSystem().run(process.execPath, ["-e", "setInterval(() => {}, 1000)"])).toThrow(/ETIMEDOUT/);
  });
});
