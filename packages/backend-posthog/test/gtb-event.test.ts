import { expect, it } from "@jest/globals";
import { startPostHogIntake } from "@candor/testing";
import { type GtbEvent, gtbEvent } from "../../core/test/gtb-event.ts";
import { vectorsOf } from "../../core/test/vectors.ts";
import { posthogBackend } from "../src/index.ts";
import { contextWith, forever, wireRequest } from "./posthog-context.ts";

interface GtbInput {
  readonly event: GtbEvent;
  readonly project_key: string;
}

interface GtbRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly api_key: string;
    readonly batch: readonly { readonly event: string; readonly distinct_id: string; readonly timestamp: string; readonly properties: Readonly<Record<string, unknown>> }[];
  };
}

/** What travels beyond GTB's, and why. */
const additions = {
  duration_ms: "GTB drops how long a command took",
  exit_code: "and how it ended",
  os_version: "and where",
  node_version: "which stands for the Go version",
  $process_person_profile: "GTB makes a person of every machine",
  $ip: "and lets PostHog keep its address",
  $geoip_disable: "and look up its place",
  $lib: "the SDK says who sends",
  $lib_version: "and in which version",
};

it.each(vectorsOf<GtbInput, GtbRequest>("gtb.posthog"))("is GTB's request and more: $id", async ({ input, expected }) => {
  const intake = await startPostHogIntake();
  try {
    const event = gtbEvent(input.event);
    expect(await posthogBackend({ apiKey: input.project_key, host: intake.url }, contextWith()).send([event], forever())).toEqual({ status: "accepted" });
    const [request] = intake.requests;
    expect(request).toMatchObject({ method: expected.method, path: "/batch/", headers: { "content-type": expected.headers["Content-Type"] } });

    const { sent_at: sentAt, ...body } = wireRequest(request ?? { body: "" });
    // For the correction of clocks; GTB trusts the sender's.
    expect(sentAt).toMatch(/^\d{4}-.*Z$/);
    expect(body.api_key).toBe(expected.body.api_key);
    const [ours] = body.batch;
    const [theirs] = expected.body.batch;
    if (ours === undefined || theirs === undefined) throw new Error("no event");
    const { properties, uuid, timestamp, ...rest } = ours;
    // GTB has no uuid, so that PostHog cannot tell a repetition; and its times have no milliseconds.
    expect(uuid).toBe(event.id);
    expect(timestamp).toBe(new Date(theirs.timestamp).toISOString());
    expect(rest).toEqual({ event: theirs.event, distinct_id: theirs.distinct_id });
    expect(properties).toMatchObject(theirs.properties);
    expect(Object.keys(properties).sort()).toEqual([...Object.keys(theirs.properties), ...Object.keys(additions)].sort());
  } finally {
    await intake.close();
  }
});
