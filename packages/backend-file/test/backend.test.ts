import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sampleEvent, sampleEvents } from "@candor/testing";
import { realFileSystem } from "../src/file-system.ts";
import { altered, faulty, faultyFiles, type Fixture, fixture, idsIn, send, systemError } from "./file-fixture.ts";

let home: Fixture;
beforeEach(() => {
  home = fixture();
});
afterEach(() => home.dispose());

/** Links, pipes, modes and owners as POSIX has them. */
const describeOnPosix = process.platform === "win32" ? describe.skip : describe;
const ids = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);

describe("the file backend refuses", () => {
  it("a directory in its place", async () => {
    mkdirSync(home.path);
    expect(await send(home.build(), sampleEvents(1))).toMatchObject({ status: "blocked", reason: "the event file is a directory" });
  });
});

describeOnPosix("the file backend refuses", () => {
  it("a symbolic link, and leaves its target alone", async () => {
    const target = join(home.directory, "victim");
    writeFileSync(target, "mine\n");
    symlinkSync(target, home.path);
    expect(await send(home.build(), sampleEvents(1))).toEqual({ status: "blocked", reason: "the event file is a symbolic link" });
    expect(readFileSync(target, "utf8")).toBe("mine\n");
  });

  it("a symbolic link that appears after the check", async () => {
    const target = join(home.directory, "victim");
    const lateLink = faulty({
      open(path, flags, mode) {
        symlinkSync(target, path);
        return realFileSystem.open(path, flags, mode);
      },
    });
    expect(await send(home.build({}, lateLink), sampleEvents(1))).toEqual({ status: "blocked", reason: "the event file is a symbolic link" });
    expect(existsSync(target)).toBe(false);
  });

  it("a pipe in its place, without waiting for its reader", async () => {
    execFileSync("mkfifo", [home.path]);
    expect(await send(home.build(), sampleEvents(1))).toMatchObject({ status: "blocked", reason: "the event file is not a regular file" });
  });

  it("another user's file", async () => {
    writeFileSync(home.path, "");
    const foreign = faulty({ lstat: async (path) => altered(await realFileSystem.lstat(path), { uid: 4_000_000 }) });
    expect(await send(home.build({}, foreign), sampleEvents(1))).toMatchObject({ status: "blocked", reason: "the event file belongs to another user" });
    expect(home.text()).toBe("");
  });

  it("another user's directory, and makes none below it", async () => {
    const foreign = faulty({ stat: async (path) => altered(await realFileSystem.stat(path), { uid: 4_000_000 }) });
    const path = join(home.directory, "new", "telemetry.log");
    expect(await send(home.build({ path }, foreign), sampleEvents(1))).toMatchObject({ status: "blocked" });
    expect(home.names()).toEqual([]);
  });
});

describe("the file backend answers retry", () => {
  it.each(["EACCES", "EROFS", "ENOTDIR", "ENOSPC", "EIO"])("when the file cannot be opened: %s", async (code) => {
    const backend = home.build({}, faulty({ open: () => Promise.reject(systemError(code)) }));
    expect(await send(backend, sampleEvents(1))).toEqual({ status: "retry", reason: expect.stringMatching(`^cannot write the event file: .+ \\(${code}\\)$`) });
  });

  it("when a part of the path is a file", async () => {
    writeFileSync(join(home.directory, "file"), "");
    const backend = home.build({ path: join(home.directory, "file", "telemetry.log") });
    expect(await send(backend, sampleEvents(1))).toMatchObject({ status: "retry", reason: expect.stringContaining("ENOTDIR") });
  });

  it("when a fault carries no code", async () => {
    const backend = home.build({}, faulty({ stat: () => Promise.reject(new Error("secret detail")) }));
    expect(await send(backend, sampleEvents(1))).toEqual({ status: "retry", reason: "cannot write the event file: unexpected fault" });
  });

  it("when the write fails, and writes the next batch", async () => {
    let full = true;
    const backend = home.build({}, faultyFiles((file) => ({ write: (...args) => (full ? Promise.reject(systemError("ENOSPC")) : file.write(...args)) })));
    expect(await send(backend, sampleEvents(1))).toMatchObject({ status: "retry", reason: expect.stringContaining("no space left") });
    full = false;
    const events = sampleEvents(2);
    expect(await send(backend, events)).toEqual({ status: "accepted" });
    expect(idsIn(home.text())).toEqual(ids(events));
  });

  it("when the disk fills in the middle of a batch, and takes the torn part back", async () => {
    const first = sampleEvents(1);
    await send(home.build(), first);
    const short = faultyFiles((file) => ({ write: (buffer, offset, _length, position) => file.write(buffer, offset, 500, position) }));
    expect(await send(home.build({}, short), sampleEvents(3))).toMatchObject({ status: "retry", reason: expect.stringContaining("ENOSPC") });
    expect(idsIn(home.text())).toEqual(ids(first));
    expect(home.text()).toMatch(/}\n$/);
  });

  it("without cutting when another process has appended since", async () => {
    const other = sampleEvent();
    const beside = faultyFiles((file) => ({
      async write(buffer, offset, _length, position) {
        const written = await file.write(buffer, offset, 40, position);
        await send(home.build(), [other]);
        return written;
      },
    }));
    expect((await send(home.build({}, beside), sampleEvents(1))).status).toBe("retry");
    expect(idsIn(home.text())).toEqual([other.id]);
  });

  it("when the file is deleted under every write", async () => {
    const deleted = faultyFiles((file) => ({
      async write(...args) {
        await realFileSystem.unlink(home.path);
        return file.write(...args);
      },
    }));
    expect((await send(home.build({}, deleted), sampleEvents(1))).status).toBe("retry");
  });

  it("at once when aborted while the disk hangs, and writes nothing afterwards", async () => {
    let release = (): void => undefined;
    let opened = 0;
    const hanging = faulty({
      async open(path, flags, mode) {
        opened += 1;
        if (opened === 1) {
          await new Promise<void>((resolve) => {
            release = resolve;
            controller.abort();
          });
        }
        return realFileSystem.open(path, flags, mode);
      },
    });
    const controller = new AbortController();
    const backend = home.build({}, hanging);
    expect(await send(backend, sampleEvents(1), controller.signal)).toMatchObject({ status: "retry", reason: expect.stringContaining("aborted") });
    // The next send waits for its turn behind the one that hung.
    const next = sampleEvents(1);
    const sent = send(backend, next);
    release();
    expect(await sent).toEqual({ status: "accepted" });
    expect(idsIn(home.text())).toEqual(ids(next));
  });
});

describe("the file backend writes", () => {
  it("a line an event in GTB's form, after what is there", async () => {
    const backend = home.build();
    const [first, second] = [sampleEvent({ name: "a" }), sampleEvent({ name: "b" })];
    await send(backend, [first]);
    await send(home.build(), [second]);
    const text = home.text();
    expect(text.split("\n")).toHaveLength(3);
    expect(text.endsWith("\n")).toBe(true);
    expect(text).toMatch(/^({"timestamp":"[^"]+","type":"command.invocation","name":"[ab]","machine_id":[^\n]+}\n){2}$/);
    expect(idsIn(text)).toEqual(ids([first, second]));
  });

  it("a batch by one write", async () => {
    let writes = 0;
    const counting = faultyFiles((file) => ({
      write(...args) {
        writes += 1;
        return file.write(...args);
      },
    }));
    await send(home.build({}, counting), sampleEvents(50));
    expect(writes).toBe(1);
  });

  it("on a new line after a torn one", async () => {
    const before = sampleEvent();
    await send(home.build(), [before]);
    writeFileSync(home.path, `${home.text()}{"timestamp":"torn`);
    const after = sampleEvents(2);
    await send(home.build(), after);
    expect(idsIn(home.text())).toEqual(ids([before, ...after]));
  });

  it("again when the file was deleted between open and write", async () => {
    let deletions = 0;
    const deletedOnce = faultyFiles((file) => ({
      async write(...args) {
        deletions += 1;
        if (deletions === 1) await realFileSystem.unlink(home.path);
        return file.write(...args);
      },
    }));
    const events = sampleEvents(2);
    expect(await send(home.build({}, deletedOnce), events)).toEqual({ status: "accepted" });
    expect(idsIn(home.text())).toEqual(ids(events));
  });

  it("what was sent before close although close comes first", async () => {
    const backend = home.build();
    const events = sampleEvents(1);
    const sent = send(backend, events);
    await backend.close();
    expect(idsIn(home.text())).toEqual(ids(events));
    expect(await sent).toEqual({ status: "accepted" });
  });

  it("nothing for an event that is no JSON, which it rejects", async () => {
    const cyclic: Record<string, never> = {};
    Object.assign(cyclic, { self: cyclic });
    expect(await send(home.build(), [sampleEvent({ metadata: cyclic })])).toMatchObject({ status: "rejected" });
    expect(home.names()).toEqual([]);
  });
});

describeOnPosix("the file backend writes", () => {
  it("a file and directories that only the user can read", async () => {
    const path = join(home.directory, "state", "notes", "telemetry.log");
    await send(home.build({ path }), sampleEvents(1));
    const modes = [path, join(path, ".."), join(path, "..", "..")].map((each) => statSync(each).mode & 0o777);
    expect(modes).toEqual([0o600, 0o700, 0o700]);
  });
});
