import { describe, expect, it } from "@jest/globals";
import type { Catalog } from "../src/catalog/catalog.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import type { Collector } from "../src/collector/collector.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { info } from "../src/commands.ts";
import { filesIn } from "./fixtures.ts";
import { NOTE_CATALOG } from "./note-catalog.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const HTTP = { use: "http", endpoint: "https://collector.example.com/in" } as const;
const collectorWith = (options: Partial<CollectorOptions<Catalog>> = {}): Collector => createCollector({ tool: "notes", version: "1.2.3", backend: HTTP, catalog: NOTE_CATALOG, ...options }, machine.ports);

describe("info with a catalog", () => {
  it("writes nothing and counts nothing, even if the example leaves something out", () => {
    machine.host.environment["NODE_ENV"] = "production";
    const collector = collectorWith({ metadata: () => ({ shell: "zsh", user: "me" }) });
    expect(info(collector).data["example"]).toMatchObject({ metadata: { shell: "zsh" } });
    expect(collector.counts().lost).toEqual({});
    expect(filesIn(machine.home.path)).toEqual([]);
  });

  it("lists every event and property with its purpose, who answers, where it goes and for how long", () => {
    const said = info(collectorWith()).lines;
    expect(said[0]).toBe("To learn which commands fail.");
    expect(said).toEqual(
      expect.arrayContaining([
        "  - shell, one of zsh, bash: which shells to test with",
        "  - quiet, true or false: whether output is read",
        "Of notes export:",
        "  - note.added: What notes are made of.",
        "      - tag_count, a whole number from 0 to 1000: how many tags there are",
        "      - flags, up to 3 of these: a text of at most 8 characters: which options are used",
        "  - notes.opened: How often it is opened.",
        "A text is what the tool puts there, with what looks like a secret taken out.",
        "It never records anything else, such as:",
        "  - arguments and error messages",
        "It is sent to: http (https://collector.example.com/in)",
        "A server of the authors of notes.",
        "It is kept there for 90 days, as the author of the tool states.",
        "Questions: privacy@notes.example",
      ]),
    );
    expect(said.find((line) => line.startsWith("What waits to be sent"))).toMatch(/ at most 10 MiB, in \//);
  });

  it("says the same to programs", () => {
    const { data } = info(collectorWith({ bounds: { spoolBytes: 2048, batchBytes: 1024 } }));
    expect(data).toMatchObject({ catalog: NOTE_CATALOG, retention: { destinationDays: 90, hereBytes: 2048 }, destinations: ["http (https://collector.example.com/in)"] });
    expect(JSON.parse(JSON.stringify(data))).toMatchObject({ catalog: { events: { "notes.opened": { purpose: "How often it is opened." } } } });
  });

  it("does not speak of what the catalog leaves open", () => {
    const said = info(collectorWith({ catalog: { events: {} } })).lines.join("\n");
    expect(said).not.toMatch(/undefined|Questions|It also records|A text is/);
    expect(said).toContain("How long it is kept there is not stated.");
  });
});

describe("info without a catalog", () => {
  it("says that the author has declared nothing", () => {
    const said = info(createCollector({ tool: "notes", version: "1.2.3" }, machine.ports)).lines.join("\n");
    expect(said).toContain("It may record more, with properties of its author's choice: notes declares none beforehand.");
    expect(said).toContain("It never records by itself:\n");
  });
});
