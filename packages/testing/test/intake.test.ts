import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { type IncomingMessage, request } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type Intake, type IntakeOptions, sampleEvent, startIntake } from "@candor/testing";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly connection: string | undefined;
}

const open: Intake[] = [];
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});

async function intakeWith(options?: IntakeOptions): Promise<Intake> {
  const intake = await startIntake(options);
  open.push(intake);
  return intake;
}

/** Posts and rejects with the system's code, as a client of the intake would see it. */
function post(url: string, body: string | Buffer = "[]", headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", headers, agent: false }, (response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, connection: response.headers.connection }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const outcome = (answer: Promise<Answer>): Promise<unknown> => answer.then(({ status }) => status, (error: { code?: string }) => error.code);

describe("an intake", () => {
  it("refuses connections while paused and comes back on the same port", async () => {
    const intake = await intakeWith();
    await intake.pause();
    expect(await outcome(post(intake.url))).toBe("ECONNREFUSED");
    await intake.resume();
    await intake.resume();
    expect(await outcome(post(intake.url))).toBe(200);
    expect(intake.requests).toHaveLength(1);
  });

  it("refuses connections from the script on", async () => {
    const intake = await intakeWith();
    await intake.script({ action: "refuse" });
    expect(await outcome(post(intake.url))).toBe("ECONNREFUSED");
  });

  it.each(["before-body", "after-body"] as const)("resets the connection %s", async (when) => {
    const intake = await intakeWith();
    intake.reply({ action: "reset", when });
    expect(await outcome(post(intake.url, "[1]"))).toBe("ECONNRESET");
    expect(intake.requests.map(({ complete, body }) => ({ complete, body }))).toEqual([
      when === "before-body" ? { complete: false, body: "" } : { complete: true, body: "[1]" },
    ]);
  });

  it("cuts an answer short", async () => {
    const intake = await intakeWith();
    intake.reply({ action: "truncate", body: "{}" });
    expect(await outcome(post(intake.url))).toBe("ECONNRESET");
  });

  it.each(["hang", "trickle"] as const)("ends a %s when it is closed, and may be closed again", async (action) => {
    const intake = await intakeWith();
    const reached = new Promise<void>((resolve) => intake.reply({ action, onReached: resolve }));
    const answer = outcome(post(intake.url));
    await reached;
    await intake.close();
    await intake.close();
    expect(await answer).toBe("ECONNRESET");
  });

  it("records a request whose client went away as incomplete", async () => {
    const intake = await intakeWith();
    const socket = connect(intake.port, "127.0.0.1");
    socket.write("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart");
    // The answer to a later request shows that the intake has read the part.
    await post(intake.url);
    socket.destroy();
    await intake.waitFor((requests) => requests.some(({ complete }) => !complete));
    expect(intake.requests.at(-1)).toMatchObject({ path: "/in", complete: false });
  });

  it("refuses to read events from a body that is no list", async () => {
    const intake = await intakeWith();
    await post(intake.url, '{"a":1}');
    expect(() => intake.events()).toThrow("not a JSON array");
  });

  it("says what it has seen when a wait is in vain", async () => {
    const intake = await intakeWith();
    await post(intake.url);
    await expect(intake.waitFor((requests) => requests.length === 2, { timeoutMs: 1 })).rejects.toThrow("it has seen 1 request(s)");
  });

  it("wakes a wait when the request arrives", async () => {
    const intake = await intakeWith();
    const wait = intake.waitFor((requests) => requests.length === 2);
    await Promise.all([post(intake.url), post(intake.url)]);
    await wait;
    expect(intake.requests).toHaveLength(2);
  });

  it("answers by the script, one reply a request, then by its default", async () => {
    const intake = await intakeWith({ reply: ({ path }) => ({ action: "answer", status: 202, body: path }) });
    intake.reply({ action: "answer", status: 503 }, { action: "answer", status: 429, body: "slow" });
    const answers = [await post(intake.url), await post(intake.url), await post(`${intake.url}/v1?x=1`)];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [503, ""],
      [429, "slow"],
      [202, "/v1?x=1"],
    ]);
    expect(answers.map(({ connection }) => connection)).toEqual(["close", "close", "close"]);
  });

  it("records the method, the path, the headers and both forms of a compressed body", async () => {
    const intake = await intakeWith();
    const event = sampleEvent();
    const rawBody = gzipSync(JSON.stringify([{ id: event.id }]));
    await post(`${intake.url}/in`, rawBody, { "Content-Encoding": "gzip", "X-Key": "k" });
    const [only] = intake.requests;
    expect(only).toMatchObject({ method: "POST", path: "/in", complete: true, headers: { "x-key": "k" } });
    expect(only?.rawBody.equals(rawBody)).toBe(true);
    expect(intake.events()).toEqual([{ id: event.id }]);
  });

  it("keeps the bytes of a body that only claims to be gzip", async () => {
    const intake = await intakeWith();
    expect(await outcome(post(intake.url, "plain", { "content-encoding": "gzip" }))).toBe(200);
    expect(intake.requests[0]?.body).toBe("plain");
  });
});
