/**
 * Contract cases about answers of the destination: which of them acknowledge, which refuse the data,
 * which refuse the sender, and which mean later. Only the vendor's own positive answer acknowledges.
 */
import assert from "node:assert/strict";
import type { DeliveryResult } from "@candor/backend";
import { assertReceived, assertSame, assertStatus, type ContractCase, send } from "./contract-case.ts";
import { startIntake } from "./intake.ts";
import type { ScriptedReply } from "./intake-reply.ts";
import { sampleEvent } from "./sample-event.ts";

/** The contract's reading of each status, as the docstrings of `DeliveryResult` in @candor/backend have it. */
const readings: Readonly<Record<number, DeliveryResult["status"]>> = {
  400: "rejected",
  401: "blocked",
  403: "blocked",
  404: "blocked",
  408: "retry",
  413: "rejected",
  422: "rejected",
  425: "retry",
  429: "retry",
  500: "retry",
  502: "retry",
  503: "retry",
  504: "retry",
};

const REDIRECTS = [301, 302, 307, 308] as const;

/** A refusal whose body claims success in every vendor's words: the status decides. */
const REASSURING_BODY = '{"code":200,"status":"ok","partialSuccess":{}}';

const json = { "content-type": "application/json" };

/** Answers with a good status that no vendor gives. */
const foreignAnswers: readonly { readonly what: string; readonly reply: ScriptedReply }[] = [
  {
    what: "an HTML page with status 200",
    reply: { action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Log in to the network</title>" },
  },
  {
    what: "an HTML page that calls itself JSON",
    reply: { action: "answer", status: 200, headers: json, body: "<html><body>Welcome</body></html>" },
  },
  { what: "malformed JSON with status 200", reply: { action: "answer", status: 200, headers: json, body: '{"status":"ok"' } },
  { what: "a truncated answer", reply: { action: "truncate", body: '{"status":"ok"}' } },
];

export const answerCases: readonly ContractCase[] = [
  {
    name: "answers accepted to the destination's own acknowledgement",
    needs: ["wire"],
    async run({ backend, harness, requestCount }) {
      const event = sampleEvent();
      assertSame(await send(backend, [event]), { status: "accepted" }, "the result");
      await assertReceived(harness, [event]);
      assert.equal(requestCount(), 1, "requests for one batch");
    },
  },
  ...Object.entries(readings).map(
    ([status, reading]): ContractCase => ({
      name: `answers ${reading} to status ${status}`,
      needs: ["wire"],
      async run({ backend, script, requestCount, expectedFor }) {
        await script({ action: "answer", status: Number(status), headers: json, body: REASSURING_BODY });
        assertStatus(await send(backend, [sampleEvent()]), expectedFor(Number(status), reading), `status ${status}`);
        assert.equal(requestCount(), 1, "a backend makes one attempt");
      },
    }),
  ),
  ...REDIRECTS.map(
    (status): ContractCase => ({
      name: `answers blocked to redirect ${status} and does not follow it`,
      needs: ["wire"],
      async run({ backend, script, expectedFor }) {
        const elsewhere = await startIntake();
        try {
          await script({ action: "answer", status, headers: { location: `${elsewhere.url}/elsewhere` } });
          assertStatus(await send(backend, [sampleEvent()]), expectedFor(status, "blocked"), `redirect ${status}`);
          assert.equal(elsewhere.requests.length, 0, "requests at the redirect's target");
        } finally {
          await elsewhere.close();
        }
      },
    }),
  ),
  ...foreignAnswers.map(
    ({ what, reply }): ContractCase => ({
      name: `answers retry to ${what}`,
      needs: ["wire"],
      async run({ backend, script }) {
        await script(reply);
        assertStatus(await send(backend, [sampleEvent()]), "retry", what);
      },
    }),
  ),
  {
    name: "reads Retry-After in seconds",
    needs: ["wire"],
    async run({ backend, script }) {
      for (const status of [429, 503]) {
        await script({ action: "answer", status, headers: { "retry-after": "7" } });
        const result = await send(backend, [sampleEvent()]);
        assertStatus(result, "retry", `status ${status} with Retry-After`);
        assert.equal(afterMsOf(result), 7000, "afterMs");
      }
    },
  },
  {
    name: "reads Retry-After as a date",
    needs: ["wire"],
    async run({ backend, script }) {
      await script({ action: "answer", status: 503, headers: { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() } });
      const result = await send(backend, [sampleEvent()]);
      assertStatus(result, "retry", "status 503 with a date");
      const afterMs = afterMsOf(result) ?? 0;
      // An hour from now, less the part of a second that the header cannot hold and a minute for a slow machine.
      assert.ok(afterMs > 3_540_000 && afterMs <= 3_600_000, `afterMs is ${afterMs}`);
    },
  },
  {
    name: "ignores a Retry-After it cannot read",
    needs: ["wire"],
    async run({ backend, script }) {
      for (const value of ["soon", "-5", "1e999", "", "NaN"]) {
        await script({ action: "answer", status: 503, headers: { "retry-after": value } });
        const result = await send(backend, [sampleEvent()]);
        assertStatus(result, "retry", `Retry-After: ${value}`);
        const afterMs = afterMsOf(result);
        assert.ok(afterMs === undefined || (Number.isFinite(afterMs) && afterMs >= 0), `Retry-After ${value} became ${afterMs}`);
      }
    },
  },
];

function afterMsOf(result: DeliveryResult): number | undefined {
  return result.status === "retry" ? result.afterMs : undefined;
}
