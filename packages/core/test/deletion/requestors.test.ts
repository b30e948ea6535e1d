import { describe, expect, it } from "@jest/globals";
import { eventToJson } from "@candor/backend";
import { type Intake, spyBackend } from "@candor/testing";
import type { DeletionOutcome, DeletionSubject } from "@candor/backend";
import { askRequestor } from "../../src/deletion/ask.ts";
import { hasDesktop } from "../../src/deletion/desktop.ts";
import { askByEmail, mailtoAddress } from "../../src/deletion/email.ts";
import { askBackend } from "../../src/deletion/event.ts";
import { httpDeletionRequestor } from "../../src/deletion/http.ts";
import { isEventId } from "../../src/event/event-id.ts";
import { intakesPerTest } from "../intakes-per-test.ts";
import { vectorsOf } from "../vectors.ts";

const subject: DeletionSubject = {
  machineId: "machine-xyz",
  requestId: "0192d3f0-0000-7000-8000-000000000001",
  requestedAt: "2026-03-31T10:00:00.000Z",
  toolName: "mytool",
  toolVersion: "1.2.3",
};
const other: DeletionSubject = { ...subject, machineId: "machine-abc", requestId: "0192d3f0-0000-7000-8000-000000000002" };
const patience = { signal: new AbortController().signal };
const intakes = intakesPerTest();

describe("a deletion request over HTTP", () => {
  interface Recorded {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly error_if_status_gte: number;
  }

  it.each(vectorsOf<{ machine_id: string }, Recorded>("gtb.deletion_http"))("$id", async ({ input, expected }) => {
    for (const status of [200, 204, expected.error_if_status_gte - 1, expected.error_if_status_gte, 500]) {
      const intake = await intakes.startWith({ action: "answer", status });
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
    const intake = await intakes.startWith(reply);
    expect((await httpDeletionRequestor({ endpoint: intake.url }).requestDeletion(subject, patience)).status).toBe("failed");
  });

  it("names the person too, where the tool knows who it is", async () => {
    const intake = await intakes.startWith({ action: "answer", status: 200 });
    await httpDeletionRequestor({ endpoint: intake.url }).requestDeletion({ ...subject, userId: "u-1" }, patience);
    expect(JSON.parse(intake.requests[0]?.body ?? "")).toEqual({ machine_id: "machine-xyz", user_id: "u-1" });
  });

  it("says which tool asks, as every request of it does", async () => {
    const intake = await intakes.startWith({ action: "answer", status: 200 });
    await httpDeletionRequestor({ endpoint: intake.url }).requestDeletion(subject, patience);
    expect(intake.requests[0]?.headers["user-agent"]).toBe("mytool/1.2.3 candor");
  });

  it("ends when it is aborted", async () => {
    const stop = new AbortController();
    const intake = await intakes.startWith({ action: "hang", onReached: () => stop.abort() });
    expect((await httpDeletionRequestor({ endpoint: intake.url }).requestDeletion(subject, { signal: stop.signal })).status).toBe("failed");
  });

  it.each(["", "http://x.example", "https://u:p@x.example", "file:///etc/passwd"])("is not sent to %j", (endpoint) => {
    expect(() => httpDeletionRequestor({ endpoint })).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG" }));
  });
});

describe("a deletion request as an event", () => {
  it.each(vectorsOf<{ machine_id: string; now: string }, Record<string, string>>("gtb.deletion_event"))("$id, with the facts that GTB leaves blank, an id, and Node's version in place of Go's", async ({ input, expected }) => {
    const backend = spyBackend();
    const answer = await askBackend(backend)([{ ...subject, machineId: input.machine_id, requestedAt: new Date(input.now).toISOString() }], patience);
    expect(answer).toEqual({ confirmed: [input.machine_id], outcome: { status: "sent", destination: "spy (memory)" } });
    const [event] = backend.events;
    if (!event) throw new Error("no event");
    const json = eventToJson(event);
    const { timestamp = "", ...fields } = expected;
    expect(Date.parse(event.timestamp)).toBe(Date.parse(timestamp));
    expect(json).toMatchObject(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "")));
    expect(json).toMatchObject({ tool_name: "mytool", version: "1.2.3", os: expect.stringMatching(/./), arch: expect.stringMatching(/./) });
    expect(isEventId(event.id)).toBe(true);
  });

  it("carries the request's own id in every attempt, and the person where the tool knows who it is", async () => {
    const backend = spyBackend({ results: [{ status: "retry", reason: "busy" }] });
    for (let attempt = 0; attempt < 2; attempt++) await askBackend(backend)([{ ...subject, userId: "u-1" }], patience);
    expect(backend.events.map(({ id }) => id)).toEqual([subject.requestId, subject.requestId]);
    expect(backend.events[0]?.metadata).toEqual({ user_id: "u-1" });
  });

  it.each([
    { status: "retry", reason: "busy" },
    { status: "blocked", reason: "401" },
    { status: "rejected", reason: "400" },
    { status: "partial", rejected: [{ id: subject.requestId, reason: "bad" }, { id: other.requestId, reason: "bad" }] },
    { status: "partial", rejected: [], unnamed: { count: 1, reason: "one of them" } },
    { status: "splendid" } as never,
    new Error("oops"),
  ] as const)("is believed only when the destination took it: %p", async (result) => {
    const answer = await askBackend(spyBackend({ results: [result] }))([subject, other], patience);
    expect(answer).toEqual({ confirmed: [], outcome: { status: "failed", reason: expect.stringMatching(/./) } });
  });

  it("knows which ids were taken when others were refused, or not tried", async () => {
    const refused = { status: "partial", rejected: [{ id: subject.requestId, reason: "bad" }] } as const;
    expect(await askBackend(spyBackend({ results: [refused] }))([subject, other], patience)).toEqual({ confirmed: ["machine-abc"], outcome: { status: "failed", reason: "bad" } });
    const oneByOne = spyBackend({ limits: { maxEvents: 1, maxBytes: 1_048_576 }, results: [{ status: "accepted" }, { status: "retry", reason: "busy" }] });
    expect(await askBackend(oneByOne)([subject, other], patience)).toEqual({ confirmed: ["machine-xyz"], outcome: { status: "failed", reason: "busy" } });
  });
});

describe("an author's own requestor", () => {
  const ownWith = (requestDeletion: (asked: DeletionSubject) => unknown): ReturnType<typeof askRequestor> =>
    askRequestor({ name: "own", requestDeletion: (asked) => requestDeletion(asked) as Promise<DeletionOutcome> });

  it.each<[string, () => unknown]>([
    ["throws", () => { throw new Error("oops"); }],
    ["rejects", () => Promise.reject(new Error("oops"))],
    ["answers nothing", () => undefined],
    ["answers true", () => true],
    ["says that it sent, and not where", () => ({ status: "sent" })],
    ["has a status of its own", () => ({ status: "queued", reason: "x" })],
  ])("that %s has not sent anything", async (_, behave) => {
    expect(await ownWith(behave)([subject], patience)).toMatchObject({ confirmed: [], outcome: { status: "failed" } });
  });

  it("is given up when it does not end", async () => {
    const answer = await ownWith(() => new Promise(() => undefined))([subject, other], { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ confirmed: [], outcome: { status: "failed" } });
    const stop = new AbortController();
    const hanging = ownWith(() => (stop.abort(), new Promise(() => undefined)))([subject], { signal: stop.signal });
    expect(await hanging).toMatchObject({ outcome: { status: "failed", reason: "no answer in time" } });
  });

  it("is asked for one id after the other, until one fails", async () => {
    const asked: string[] = [];
    const answer = await ownWith(({ machineId }) => {
      asked.push(machineId);
      return machineId === "machine-xyz" ? { status: "sent", destination: "x" } : { status: "failed", reason: "busy" };
    })([subject, other, { ...other, machineId: "third" }], patience);
    expect(asked).toEqual(["machine-xyz", "machine-abc"]);
    expect(answer).toEqual({ confirmed: ["machine-xyz"], outcome: { status: "failed", reason: "busy" } });
  });
});

describe("a deletion request by e-mail", () => {
  interface Letter {
    readonly address: string;
    readonly tool_name: string;
    readonly machine_id: string;
  }
  const addressOf = ({ address, tool_name: toolName, machine_id: machineId }: Letter): string => mailtoAddress(address, [{ toolName, machineId }]);

  it.each(vectorsOf<Letter, string>("ours.mailto"))("$id", ({ input, expected }) => {
    expect(addressOf(input)).toBe(expected);
  });

  it.each(vectorsOf<Letter, string>("gtb.mailto"))("$id says the same as GTB's, which writes `+` for a space although RFC 6068 knows none", ({ input, expected }) => {
    expect(addressOf(input)).toBe(expected.replaceAll("+", "%20"));
  });

  it.each(["a?cc=b@x.example", "a&b@x.example", "a%0Ab@x.example", "a,b@x.example"])("is addressed to %j and to nobody else", (address) => {
    const target = addressOf({ address, tool_name: "mytool", machine_id: "id" });
    const [recipient = "", query = ""] = target.slice("mailto:".length).split("?");
    expect(decodeURIComponent(recipient)).toBe(address);
    expect(recipient).not.toMatch(/[,&]/);
    expect([...new URLSearchParams(query).keys()]).toEqual(["subject", "body"]);
  });

  const letterWith = (openAddress: (address: string) => Promise<unknown>): ReturnType<typeof askByEmail> => askByEmail({ address: "privacy@example.com", openAddress });

  it.each([true, false])("says what to send and where, whether a mail program opened (%p) or not, and never that it was sent", async (opens) => {
    const opened: string[] = [];
    const letter = letterWith((address) => {
      opened.push(address);
      return opens ? Promise.resolve() : Promise.reject(new Error("no display"));
    });
    const { confirmed, outcome } = await letter([{ ...subject, userId: "u-1" }, { ...other, userId: "u-1" }], patience);
    if (outcome.status !== "user-action") throw new Error(outcome.status);
    expect(confirmed).toEqual([]);
    expect(outcome.instructions).toMatch(/^Nothing has been sent yet\./);
    expect(outcome.instructions.includes("mail program")).toBe(opens);
    for (const part of ["To: privacy@example.com", "Data Deletion Request — mytool", "machine-xyz, machine-abc", "user ID: u-1"]) expect(outcome.instructions).toContain(part);
    expect(opened).toEqual([mailtoAddress("privacy@example.com", [{ ...subject, userId: "u-1" }, other])]);
  });

  it("survives an opener that throws at once or never ends", async () => {
    const throws = letterWith(() => { throw new Error("no display"); });
    expect((await throws([subject], patience)).outcome.status).toBe("user-action");
    const hangs = letterWith(() => new Promise(() => undefined));
    expect((await hangs([subject], { signal: AbortSignal.abort() })).outcome.status).toBe("user-action");
  });

  it("is only printed when it is longer than a mail program takes, so that no id is cut off", async () => {
    const opened: string[] = [];
    const letter = letterWith((address) => Promise.resolve(opened.push(address)));
    const many = Array.from({ length: 50 }, (_, index) => ({ ...subject, machineId: `machine-${index}-${"x".repeat(32)}` }));
    const { outcome } = await letter(many, patience);
    expect(opened).toEqual([]);
    expect(outcome).toMatchObject({ instructions: expect.stringContaining("machine-49-") });
  });

  it.each<[NodeJS.Platform, Record<string, string>, boolean]>([
    ["linux", {}, false],
    ["linux", { DISPLAY: ":0" }, true],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true],
    ["linux", { SSH_CONNECTION: "x", DISPLAY: "localhost:10.0" }, true],
    ["linux", { SSH_TTY: "/dev/pts/1" }, false],
    ["linux", { WSL_DISTRO_NAME: "Debian" }, true],
    ["darwin", {}, true],
    ["darwin", { SSH_CONNECTION: "x" }, false],
    ["win32", {}, true],
    ["win32", { SSH_CLIENT: "x" }, false],
  ])("opens nothing where nobody would see it: %s with %j", (platform, environment, sees) => {
    expect(hasDesktop({ platform, environment })).toBe(sees);
  });
});
