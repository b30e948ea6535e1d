/**
 * Contract cases about what a backend must keep to itself: its credential, and its voice on streams
 * that belong to the tool.
 */
import assert from "node:assert/strict";
import type { DeliveryResult } from "@candor/backend";
import { assertSame, type Bench, type ContractCase, send } from "./contract-case.ts";
import { outputDuring } from "./contract-watch.ts";
import type { ScriptedReply } from "./intake-reply.ts";
import { sampleEvent } from "./sample-event.ts";

export const discretionCases: readonly ContractCase[] = [
  {
    name: "keeps its credential out of results, destination and logs",
    needs: ["wire", "credential"],
    async run(bench) {
      const { backend, harness, logLines } = bench;
      const secret = harness.secret ?? "";
      // Servers do quote the key they refuse, in bodies and in headers.
      const quoting = { headers: { "x-refused-key": secret, location: `/${secret}` }, body: `{"error":"invalid key ${secret}"}` };
      const replies: ScriptedReply[] = [302, 400, 401, 403, 404, 413, 422, 429, 500, 503].map((status) => ({ action: "answer", status, ...quoting }));
      const results = await sendThrough(bench, [...replies, { action: "truncate", body: quoting.body }, { action: "refuse" }]);
      const told = JSON.stringify({ results, name: backend.name, destination: backend.destination, logLines });
      assert.ok(!told.includes(secret), "the credential appears in what the backend tells");
    },
  },
  {
    name: "writes nothing to stdout, stderr or the console",
    needs: [],
    async run(bench) {
      const faults: ScriptedReply[] = [
        { action: "answer", status: 400, body: "no" },
        { action: "answer", status: 503 },
        { action: "answer", status: 200, body: "<html>" },
        { action: "reset", when: "after-body" },
        { action: "refuse" },
      ];
      const written = await outputDuring(async () => {
        await send(bench.backend, [sampleEvent()]);
        if (bench.harness.script !== undefined) await sendThrough(bench, faults);
        await bench.backend.close();
        await send(bench.backend, [sampleEvent()]);
      });
      assertSame(written, [], "the backend wrote to the tool's streams");
    },
  },
];

async function sendThrough({ backend, script }: Bench, replies: readonly ScriptedReply[]): Promise<readonly DeliveryResult[]> {
  const results: DeliveryResult[] = [];
  for (const reply of replies) {
    await script(reply);
    results.push(await send(backend, [sampleEvent()]));
  }
  return results;
}
