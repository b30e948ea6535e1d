import { describe, expect, it } from "@jest/globals";
import { sampleEvent } from "@candor/testing";
import { vectorsOf } from "../../core/test/vectors.ts";
import { type Counters, type CountersDocument, toDocument } from "../src/counters.ts";
import { countEvents } from "../src/encode.ts";
import { fromYaml, toYaml } from "../src/yaml.ts";

interface Runs {
  readonly start: CountersDocument | null;
  readonly id?: string;
  readonly cli_version: string;
  readonly os: string;
  readonly runs: readonly (readonly [path: string, exitCode: number])[];
}

/** Counters as they stand in a document. */
function countersOf({ metric_points, cli_version: version, operating_system: os, id }: CountersDocument): Counters {
  const points = Object.entries(metric_points).map(([path, codes]): [string, Map<number, number>] => [
    path,
    new Map(Object.entries(codes).map(([code, { cumulative_count: count }]) => [Number(code), count])),
  ]);
  return { points: new Map(points), version, os, id };
}

function counted(before: Counters | undefined, ...events: Parameters<typeof countEvents>[1]): Counters {
  const { counters, refused } = countEvents(before, events);
  expect(refused).toEqual([]);
  if (counters === undefined) throw new Error("nothing is counted");
  return counters;
}

const one = counted(undefined, sampleEvent({ name: "notes list", machineId: "m", exitCode: 0 }));

describe("counting", () => {
  it.each(vectorsOf<Runs, { readonly text?: string; readonly model: CountersDocument }>("pace.telemetry_yaml"))(
    "$id is PACE's, but that the operating system is the present one",
    ({ input: { start, id = start?.id ?? "", cli_version: toolVersion, os, runs }, expected }) => {
      const events = runs.map(([name, exitCode]) => sampleEvent({ name, exitCode, toolVersion, os, machineId: id }));
      const counters = counted(start === null ? undefined : countersOf(start), ...events);
      expect(toDocument(counters)).toEqual({ ...expected.model, operating_system: os });
      expect(toYaml(counters)).toBe(expected.text ?? toYaml(counters));
    },
  );

  it.each(vectorsOf<{ readonly error: string | null }, number>("pace.exit_code"))("$id has its count under PACE's exit status", ({ expected }) => {
    const counters = counted(undefined, sampleEvent({ name: "notes list", exitCode: expected }));
    expect([...(counters.points.get("notes list") ?? [])]).toEqual([[expected, 1]]);
  });

  it("keeps the exit statuses apart that PACE takes for 1", () => {
    const counters = counted(undefined, ...[2, 130, 3_221_225_786].map((exitCode) => sampleEvent({ name: "notes list", exitCode })));
    expect(Object.keys(toDocument(counters).metric_points["notes list"] ?? {})).toEqual(["2", "130", "3221225786"]);
  });

  it("begins anew under another id, so that a retired id is not told again", () => {
    expect(toDocument(counted(one, sampleEvent({ name: "notes add", machineId: "n" })))).toMatchObject({ id: "n", metric_points: { "notes add": { 0: { cumulative_count: 1 } } } });
    expect(counted(one, sampleEvent({ name: "notes add", machineId: "n" })).points.has("notes list")).toBe(false);
  });

  it("takes nothing of an event but its name, its exit status, the version, the system and the id", () => {
    const event = sampleEvent({ machineId: "m", args: ["hunter2"], error: "hunter2", metadata: { key: "hunter2" }, signal: "SIGINT", durationMs: 7 });
    expect(Object.keys(toDocument(counted(one, event)))).toEqual(["metric_points", "cli_version", "operating_system", "id"]);
    expect(JSON.stringify(toDocument(counted(one, event)))).not.toContain("hunter2");
  });

  it("counts a command that has the name of something in every object", () => {
    expect(JSON.stringify(toDocument(counted(undefined, sampleEvent({ name: "__proto__" }), sampleEvent({ name: "constructor" })))))
      .toContain('"__proto__":{"0":{"cumulative_count":1}},"constructor":{"0":{"cumulative_count":1}}');
  });

  it("leaves the counters that it was given as they are", () => {
    const before = toYaml(one);
    counted(one, sampleEvent({ name: "notes list", machineId: "m" }));
    expect(toYaml(one)).toBe(before);
  });

  it.each([
    ["a request for deletion, which counts cannot make", { type: "data.deletion_request" }],
    ["an endless name", { name: "x".repeat(257) }],
    ["an exit status that is none", { exitCode: Number.NaN }],
    ["an exit status that is longer than the file's reader takes", { exitCode: 10 ** 15 }],
    ["an endless version", { toolVersion: "x".repeat(257) }],
    ["an endless system", { os: "x".repeat(257) }],
  ])("names %s", (_what, overrides) => {
    const event = sampleEvent(overrides);
    expect(countEvents(undefined, [event]).refused).toEqual([{ id: event.id, reason: expect.stringMatching(/\w/) }]);
  });

  it("refuses an event whose count could be read no more", () => {
    const full: Counters = { ...one, points: new Map([["notes list", new Map([[0, 999_999_999_999_999]])]]) };
    const { counters, refused } = countEvents(full, [sampleEvent({ name: "notes list", machineId: "m", exitCode: 0 })]);
    expect(refused).toEqual([expect.objectContaining({ reason: expect.stringContaining("as high as") })]);
    expect(fromYaml(toYaml(full))).toEqual({ ...full, version: counters?.version, os: counters?.os });
  });

  it("refuses the events that would begin more series than there may be, and counts those that do not", () => {
    const events = Array.from({ length: 2_001 }, (_, index) => sampleEvent({ name: `notes ${index}` }));
    const { counters, refused } = countEvents(undefined, [...events, sampleEvent({ name: "notes 0" })]);
    expect(refused).toEqual([{ id: events[2_000]?.id, reason: expect.stringContaining("2000") }]);
    expect(counters?.points.get("notes 0")?.get(0)).toBe(2);
  });
});

describe("the body of an upload", () => {
  it.each(vectorsOf<CountersDocument, string>("pace.upload_body"))("$id is PACE's to the byte", ({ input, expected }) => {
    expect(JSON.stringify(toDocument(countersOf(input)))).toBe(expected);
  });
});

describe("the file's text", () => {
  it.each([["plain", "notes list"], ["a colon", "notes: list"], ["a line break", "notes\nlist"], ["a quote", 'no"tes'], ["a number", "12"], ["a word of YAML's", "no"], ["a comment", "a #b"], ["a hash alone", "#"], ["a space at its end", "a "], ["another script", "漢字"], ["nothing", "x"]])(
    "is read as it was written: %s",
    (_what, name) => {
      const counters = counted(undefined, sampleEvent({ name, exitCode: 3, machineId: name, toolVersion: name, os: name }));
      expect(fromYaml(toYaml(counters))).toEqual(counters);
    },
  );

  it("is read as it was written where a command has ended with less than 0, as `process.exit(-1)` does", () => {
    const counters = counted(undefined, ...[-1, 0, 255].map((exitCode) => sampleEvent({ exitCode })));
    expect(fromYaml(toYaml(counters))).toEqual(counters);
  });

  it.each(["\u0000", "\u007f", "\u0085", "\u2028", "\u2029", "\ufeff", "\uffff"])("holds no character that another reader takes for a line's end or refuses: %j", (name) => {
    const counters = counted(undefined, sampleEvent({ name, machineId: name }));
    expect(toYaml(counters)).not.toContain(name);
    expect(fromYaml(toYaml(counters))).toEqual(counters);
  });

  it.each(["12", "0b1", "1.0", "1e3", "no", "Null", "2024-01-10"])("has in quotes what any other reader would take for something else than text: %s", (toolVersion) => {
    expect(toYaml(counted(undefined, sampleEvent({ toolVersion })))).toContain(`cli_version: "${toolVersion}"\n`);
  });

  it("is read with comments, as PACE's people show it", () => {
    const text = "# counts\nmetric_points:\n    pace version: # the command path\n        0: # the exit code\n            cumulative_count: 17 # so often\ncli_version: 'v1.16.0'\noperating_system: darwin # macOS\nid: 36be4c46-4e1b-431d-b9db-1b315f537a85 # random\n";
    expect(fromYaml(text)).toEqual({ points: new Map([["pace version", new Map([[0, 17]])]]), version: "v1.16.0", os: "darwin", id: "36be4c46-4e1b-431d-b9db-1b315f537a85" });
  });

  it.each([
    ["nothing", ""],
    ["what a torn write left", toYaml(one).slice(0, 60)],
    ["a line that is longer than any of ours", toYaml(one).replace("id: m", `id: m${" ".repeat(3_000)}`)],
    ["an id alone", "id: a\n"],
    ["an anchor", toYaml(one).replace("notes list:", "notes list: &a")],
    ["a count below nothing", toYaml(one).replace("count: 1", "count: -1")],
    ["a count before its command", `        0:\n${toYaml(one)}`],
    ["a count without its exit status", toYaml(one).replace("cli_version", "    notes add:\n            cumulative_count: 1\ncli_version")],
    ["a count that stands twice", toYaml(one).replace("cli_version", "            cumulative_count: 7\ncli_version")],
    ["a count after the rest", `${toYaml(one)}            cumulative_count: 7\n`],
    ["a command after the rest", `${toYaml(one)}    notes add:\n`],
    ["counts of something else", `${toYaml(one)}other:\n    notes add:\n        0:\n            cumulative_count: 9\n`],
    ["commands below none", toYaml(one).replace("metric_points:", "metric_points: {}")],
    ["a command without a name", toYaml(one).replace("notes list:", '"":')],
    ["two of one command", toYaml(one).replace("cli_version", "    notes list:\ncli_version")],
  ])("is not understood where it is %s", (_what, text) => {
    expect(fromYaml(text)).toBeUndefined();
  });
});
