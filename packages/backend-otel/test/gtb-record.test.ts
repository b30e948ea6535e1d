import { describe, expect, it } from "@jest/globals";
import { type GtbEvent, gtbEvent } from "../../core/test/gtb-event.ts";
import { vectorsOf } from "../../core/test/vectors.ts";
import { encodeEvents } from "../src/encode.ts";
import { exactLogsSerializer } from "../src/serializer.ts";
import { recordsOf, type WirePair, wireRequest } from "./otlp-intake.ts";

interface GtbRecord {
  readonly logger_scope: string;
  readonly timestamp: string;
  readonly severity: string;
  readonly severity_number: number;
  readonly body: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface GtbInput {
  readonly event: GtbEvent;
}

function plain(pairs: readonly WirePair[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

describe("GTB's record", () => {
  it.each(vectorsOf<GtbInput, GtbRecord>("gtb.otel_record"))("is kept but for the scope and the runtime's version: $id", ({ input, expected }) => {
    const records = encodeEvents([gtbEvent(input.event)], { observedAtMs: 0, resourceAttributes: {} });
    const request = wireRequest(new TextDecoder().decode(exactLogsSerializer.serializeRequest(records)));
    const [group] = request.resourceLogs;
    const [record] = recordsOf(request);

    expect(record).toMatchObject({ severityNumber: expected.severity_number, severityText: expected.severity, body: { stringValue: expected.body } });
    expect(BigInt(record?.timeUnixNano ?? 0)).toBe(BigInt(Date.parse(expected.timestamp)) * 1_000_000n);
    expect(plain(group?.resource.attributes ?? [])).toMatchObject(expected.resource);

    // The differences: who speaks, the runtime's name, and the id that lets a receiver drop repetitions.
    expect([expected.logger_scope, group?.scopeLogs[0]?.scope.name]).toEqual(["gtb-telemetry", "candor"]);
    const { "go.version": goVersion, ...attributes } = expected.attributes;
    const { "log.record.uid": _, "process.runtime.version": runtimeVersion, ...others } = plain(record?.attributes ?? []);
    expect(runtimeVersion).toBe(goVersion);
    expect(others).toEqual(attributes);
  });
});
