import { afterEach, describe, expect, it } from "@jest/globals";
import { eventToJson } from "@candor/backend";
import { type Intake, spyBackend, startIntake } from "@candor/testing";
import { emailDeletionRequestor, mailtoAddress } from "../../src/deletion/email.ts";
import { eventDeletionRequestor } from "../../src/deletion/event.ts";
import { httpDeletionRequestor } from "../../src/deletion/http.ts";
import { isEventId } from "../../src/event/event-id.ts";
import { vectorsOf } from "../vectors.ts";

const subject = { machineId: "machine-xyz", toolName: "mytool", toolVersion: "1.2.3" };
const patience = { signal: new AbortController().signal };
const intakes: Intake[] = [];
afterEach(async () => {
  await Promise.all(intakes.splice(0).map((intake) => intake.close()));
});

async function intakeThat(reply: Parameters<Intake["script"]>[0]): Promise<Intake> {
  const intake = await startIntake();
  intakes.push(intake);
  await intake.script(reply);
  return intake;
}

describe("a deletion request over HTTP", () => {
  interface Recorded {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly error_if_status_gte: number;
  }

  it.each(vectorsOf<{ machine_id: string }, Recorded>("gtb.deletion_http"))("$id", async ({ input, expected }) => {
    for (const status of [200, 204, expected.error_if_status_gte - 1, expected.error_if_status_gte, 500]) {
      const intake = await intakeThat({ action: "answer", status });
      const outcome = await httpDeletionRequestor({ endpoint: intake.url, headers: { "x-key": "k" } }).requestDeletion({ ...subject, machineId: input.machine_id }, patience);
      // A redirect that nobody followed is no confirmation, though GTB takes it for one.
      expect(outcome.status).toBe(status < 300 ? "sent" : "failed");
      expect(intake.requests).toHaveLength(1);
      expect(intake.requests[0]).toMatchObject({ method: expected.method, body: expected.body, headers: { "content-type": expected.headers["Content-Type"], "x-key": "k" } });
    }
  });

  it.each<[string, Parameters<Intake["script"]>[0]]>([
    ["a web page", { action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>log in</html>" }],
    ["a cut connection", { action: "reset", when: "after-body" }],
    ["a truncated answer", { action: "truncate", body: "{}" }],
    ["nobody", { action: "refuse" }],
  ])("does not take %s for a confirmation", async (_, reply) => {
    const intake = await intakeThat(reply);
    expect((await httpDeletionRequestor({ endpoint: intake.url }).requestDeletion(subject, patience)).status).toBe("failed");
  });

  it("ends when it is aborted", async () => {
    const stop = new AbortController();
    const intake = await intakeThat({ action: "hang", onReached: () => stop.abort() });
    expect((await httpDeletionRequestor({ endpoint: intake.url }).requestDeletion(subject, { signal: stop.signal })).status).toBe("failed");
  });

  it.each(["", "http://x.example", "https://u:p@x.example", "file:///etc/passwd"])("is not sent to %j", (endpoint) => {
    expect(() => httpDeletionRequestor({ endpoint })).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG" }));
  });
});

describe("a deletion request as an event", () => {
  it.each(vectorsOf<{ machine_id: string; now: string }, Record<string, string>>("gtb.deletion_event"))("$id, with the facts that GTB leaves blank, an id, and Node's version in place of Go's", async ({ input, expected }) => {
    const backend = spyBackend();
    const requestor = eventDeletionRequestor({ backends: [backend], now: () => Date.parse(input.now) });
    expect((await requestor.requestDeletion({ ...subject, machineId: input.machine_id }, patience)).status).toBe("sent");
    const [event] = backend.events;
    if (!event) throw new Error("no event");
    const json = eventToJson(event);
    const { timestamp = "", ...fields } = expected;
    expect(Date.parse(event.timestamp)).toBe(Date.parse(timestamp));
    expect(json).toMatchObject(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "")));
    expect(json).toMatchObject({ tool_name: "mytool", version: "1.2.3", os: expect.stringMatching(/./), arch: expect.stringMatching(/./) });
    expect(isEventId(event.id)).toBe(true);
  });

  it.each([
    { status: "retry", reason: "busy" },
    { status: "blocked", reason: "401" },
    { status: "rejected", reason: "400" },
    { status: "partial", rejected: [{ id: "x", reason: "bad" }] },
    new Error("oops"),
  ] as const)("is believed only when every destination took it: %p", async (result) => {
    const good = spyBackend({ name: "good" });
    const bad = spyBackend({ name: "bad", results: [result] });
    const outcome = await eventDeletionRequestor({ backends: [bad, good] }).requestDeletion(subject, patience);
    expect(outcome).toMatchObject({ status: "failed", reason: expect.stringContaining("bad memory") });
    expect(good.events).toHaveLength(1);
  });

  it("is impossible without a destination", async () => {
    for (const backends of [[], [spyBackend({ name: "noop" })]]) {
      expect((await eventDeletionRequestor({ backends }).requestDeletion(subject, patience)).status).toBe("impossible");
    }
  });
});

describe("a deletion request by e-mail", () => {
  interface Letter {
    readonly address: string;
    readonly tool_name: string;
    readonly machine_id: string;
  }
  const addressOf = ({ address, tool_name: toolName, machine_id: machineId }: Letter): string => mailtoAddress(address, { toolName, machineId });

  it.each(vectorsOf<Letter, string>("ours.mailto"))("$id", ({ input, expected }) => {
    expect(addressOf(input)).toBe(expected);
  });

  it.each(vectorsOf<Letter, string>("gtb.mailto"))("$id says the same as GTB's, which writes `+` for a space although RFC 6068 knows none", ({ input, expected }) => {
    expect(addressOf(input)).toBe(expected.replaceAll("+", "%20"));
  });

  it.each([true, false])("says what to send and where, whether a mail program opened (%p) or not", async (opens) => {
    const opened: string[] = [];
    const requestor = emailDeletionRequestor({
      address: "privacy@example.com",
      openAddress: (address) => {
        opened.push(address);
        return opens ? Promise.resolve() : Promise.reject(new Error("no display"));
      },
    });
    const outcome = await requestor.requestDeletion(subject, patience);
    expect(outcome).toEqual({ status: "user-action", instructions: expect.stringContaining("privacy@example.com") });
    expect(outcome).toMatchObject({ instructions: expect.stringContaining("machine-xyz") });
    expect(opened).toEqual([mailtoAddress("privacy@example.com", subject)]);
  });

  it("survives an opener that throws at once or never ends", async () => {
    const throws = emailDeletionRequestor({ address: "a@b.example", openAddress: () => { throw new Error("no display"); } });
    expect((await throws.requestDeletion(subject, patience)).status).toBe("user-action");
    const hangs = emailDeletionRequestor({ address: "a@b.example", openAddress: () => new Promise(() => undefined) });
    const outcome = await Promise.race([
      hangs.requestDeletion(subject, { signal: AbortSignal.timeout(20) }),
      new Promise<{ status: string }>((resolve) => setTimeout(resolve, 1_500, { status: "hangs" }).unref()),
    ]);
    expect(outcome.status).toBe("user-action");
  });
});
