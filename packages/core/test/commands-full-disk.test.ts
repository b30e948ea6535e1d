import { rmSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { disable, reset, status } from "../src/commands.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { type Workstation, workstation } from "./fake-ports.ts";
import { filesIn, lasting } from "./fixtures.ts";
import { requestorOf, SENT, storeIdentity } from "./mytool.ts";
import { answer, closeAll, collectorOn, trackNamed } from "./options.ts";

let machine: Workstation;
let directories: Directories;
beforeEach(() => {
  machine = workstation();
  directories = directoriesFor("mytool", machine.host);
  answer(machine, {}, "mytool");
  storeIdentity(machine);
});
afterEach(async () => {
  await closeAll();
  machine.dispose();
});

const tool = (): ReturnType<typeof collectorOn> => collectorOn(machine, { tool: "mytool", backend: lasting(spyBackend()), deletion: requestorOf(SENT) });

/** No file takes any content, whatever is deleted; there is no reserve either. */
const fill = (): void => machine.disk.fail({ call: ["writeFileSync", "writeSync"], code: "ENOSPC", forever: true });

describe("on a full disk", () => {
  it("disable keeps the no, for which a name without content is enough", async () => {
    fill();
    expect(await disable(tool())).toMatchObject({ exitCode: 0, data: { stored: true, enabled: false } });
    machine.disk.heal();
    expect(readConsent(directories, machine.ports).status).toBe("refused");
    expect(status(tool()).data).toMatchObject({ enabled: false });
  });

  it("disable says the same again where a no stands already", async () => {
    await disable(tool());
    fill();
    expect(await disable(tool())).toMatchObject({ exitCode: 0, data: { enabled: false } });
  });

  it("reset gives later events another id, in the room that it has made", async () => {
    const collector = tool();
    trackNamed(collector, 3);
    await collector.flush();
    // Given up already, for the count of what was lost.
    rmSync(directories.reserveFile, { force: true });
    const used = filesIn(machine.home.path).reduce((sum, path) => sum + statSync(path).size, 0);
    machine.disk.limitSpace(machine.home.path, used);
    expect((await reset(tool())).data).toMatchObject({ enabled: false, idRenewed: true, cleared: true });
  });
});
