/** A deletion request where nothing can be stored: it is made at once or not at all, and that is what is said. */
import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { reset } from "../../src/commands.ts";
import { type Directories, directoriesFor } from "../../src/platform/paths.ts";
import { requestorOf, SENT } from "../mytool.ts";
import { workstationPerTest } from "../workstation-per-test.ts";
import { putInUse, toolOn } from "./stage.ts";

const machine = workstationPerTest();
let directories: Directories;
beforeEach(() => {
  directories = directoriesFor("mytool", machine.host);
  putInUse(machine);
});

describe("a reset where nothing can be stored", () => {
  it.each<[string, () => void]>([
    ["the disk is full", () => machine.disk.fail({ code: "ENOSPC", forever: true })],
    ["the home is read-only", () => machine.disk.makeReadOnly()],
  ])("(%s) asks at once, and tells whether it arrived; it does not promise another try", async (_, kill) => {
    kill();
    const own = requestorOf(SENT, { status: "failed", reason: "busy" });
    const sent = await reset(toolOn(machine, { deletion: own }));
    expect(sent).toMatchObject({ exitCode: 1, data: { deletion: { status: "sent" } } });
    expect(sent.lines.join("\n")).toContain("Your choice could not be stored");
    expect(sent.lines.join("\n")).toContain("The id could not be renewed");
    const lost = await reset(toolOn(machine, { deletion: own }));
    expect(lost).toMatchObject({ exitCode: 1, data: { deletion: { status: "failed", destinations: [{ status: "failed" }] } } });
    expect(lost.lines.join("\n")).toContain("It could not be kept for later either");
    expect(lost.lines.join("\n")).not.toContain("later runs");
  });

  it("asks for the id that events were sent under from memory, although no record of it could be made", async () => {
    rmSync(directories.identityFile);
    machine.disk.fail({ call: "accessSync", path: directories.data, code: "EROFS", forever: true });
    const own = requestorOf(SENT);
    const collector = toolOn(machine, { deletion: own, identity: "gtb" });
    const id = collector.installation.peekId()?.machineId;
    await reset(collector);
    expect(own.asked).toEqual([id]);
  });
});
