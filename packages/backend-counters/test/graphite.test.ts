import { describe, expect, it } from "@jest/globals";
import { vectorsOf } from "../../core/test/vectors.ts";
import { type CountersDocument, type GraphitePoint, graphiteLines, graphitePoints, readUpload } from "../src/graphite.ts";

const upload: CountersDocument = { metric_points: { "notes list": { 0: { cumulative_count: 2 } } }, cli_version: "1.0.0", operating_system: "linux", id: "m" };

describe("the relay's part", () => {
  it.each(vectorsOf<{ telemetry: CountersDocument; time: number }, readonly string[]>("ours.graphite_lines"))("writes Graphite's lines: $id", ({ input: { telemetry, time }, expected }) => {
    expect(graphiteLines(telemetry, time)).toEqual(expected);
  });

  it.each(vectorsOf<{ telemetry: CountersDocument; time: number; interval: number }, readonly GraphitePoint[]>("ours.graphite_json"))(
    "writes what Grafana Cloud takes: $id",
    ({ input: { telemetry, time, interval }, expected }) => {
      expect(graphitePoints(telemetry, { time, interval })).toEqual(expected);
    },
  );

  it("lets no text of a stranger's end a tag, a series or a line", () => {
    const [line] = graphiteLines({ ...upload, id: "a;b\u0000c\nd e\u2028f", operating_system: "~x" }, 7);
    expect(line).toBe("cli.telemetry.cumulative_count;cli_version=1.0.0;command_0=notes;command_1=list;exit_code=0;id=a_b_c_d_e_f;operating_system=_x 2 7");
  });

  it("sorts the tags by their names, also from the tenth word on", () => {
    const [point] = graphitePoints({ ...upload, metric_points: { "a b c d e f g h i j k": { 0: { cumulative_count: 1 } } } }, { time: 7, interval: 60 });
    const names = point?.tags.map((tag) => tag.slice(0, tag.indexOf("=")));
    expect(names).toEqual([...(names ?? [])].toSorted());
    expect(names?.slice(1, 4)).toEqual(["command_0", "command_1", "command_10"]);
  });

  it("takes a command of more words than any tool has, and keeps what is behind the sixteenth in one tag", () => {
    const read = readUpload(JSON.stringify({ ...upload, metric_points: { [Array(18).fill("a").join(" ")]: { 0: { cumulative_count: 1 } } } }));
    const tags = read.status === "read" ? graphitePoints(read.upload, { time: 7, interval: 60 }).flatMap((point) => point.tags) : [];
    expect(tags.filter((tag) => tag.startsWith("command_"))).toHaveLength(16);
    expect(tags).toContain("command_15=a_a_a");
  });

  it("reads an upload", () => {
    expect(readUpload(JSON.stringify(upload))).toEqual({ status: "read", upload });
  });

  it.each([
    ["no JSON", "OK"],
    ["a list", "[]"],
    ["no counts", "{}"],
    ["no id", JSON.stringify({ ...upload, id: undefined })],
    ["an endless version", JSON.stringify({ ...upload, cli_version: "x".repeat(257) })],
    ["a count of one and a half", JSON.stringify({ ...upload, metric_points: { a: { 0: { cumulative_count: 1.5 } } } })],
    ["a count below nothing", JSON.stringify({ ...upload, metric_points: { a: { 0: { cumulative_count: -1 } } } })],
    ["an exit status in words", JSON.stringify({ ...upload, metric_points: { a: { zero: { cumulative_count: 1 } } } })],
    ["a command that is no object", JSON.stringify({ ...upload, metric_points: { a: 7 } })],
    ["a command without a name", JSON.stringify({ ...upload, metric_points: { "": { 0: { cumulative_count: 1 } } } })],
    ["too many counts", JSON.stringify({ ...upload, metric_points: { a: Object.fromEntries(Array.from({ length: 2_001 }, (_, code) => [code, { cumulative_count: 1 }])) } })],
  ])("refuses %s, and says why", (_what, body) => {
    expect(readUpload(body)).toEqual({ status: "invalid", reason: expect.stringMatching(/\w/) });
  });
});
