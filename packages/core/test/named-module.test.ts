import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { findAuthorProblems } from "../src/config/author-check.ts";
import { describeMissing } from "../src/destination/backend-names.ts";
import { loadNamed } from "../src/destination/named-module.ts";
import { type Workstation, workstation } from "./fake-ports.ts";

let machine: Workstation;
beforeEach(() => {
  machine = workstation();
});
afterEach(() => machine.dispose());

/** What whoever delivers says of a module that is nowhere, and what the author is told of it beforehand. */
async function told(use: string): Promise<{ delivery: unknown; author: string | undefined }> {
  const resolveFrom = `${machine.home.path}/tool.js`;
  machine.host.script = resolveFrom;
  const delivery: unknown = await loadNamed("backend.use", use, { loaders: {}, resolveFrom, modules: {} }).catch((error: Error) => error.message);
  return { delivery, author: findAuthorProblems({ tool: "notes", version: "1.2.3", backend: { use } }, machine.ports)[0] };
}

describe("a backend that is nowhere", () => {
  it.each([
    ["a scoped package", "@acme/backend", '"@acme/backend" is not installed; install it with: npm install @acme/backend'],
    ["an entry of a package", "acme/backend", '"acme/backend" is not installed; install it with: npm install acme'],
    ["an absolute path", "/opt/acme/backend.js", '"/opt/acme/backend.js" leads to no module'],
    ["a relative path", "./backend.js", '"./backend.js" leads to no module'],
    ["a path of Windows", "C:\\acme\\backend.js", '"C:\\acme\\backend.js" leads to no module'],
  ])("and is named as %s is told of with what mends it", async (_, use, sentence) => {
    expect(await told(use)).toEqual({ delivery: `backend.use: ${sentence}`, author: `backend.use: ${sentence}` });
  });

  it("and is a package of ours is told of with that package", () => {
    // Jest finds it whatever the place, so nothing is looked for here.
    expect(describeMissing("otlp")).toBe('"otlp" is not installed; install it with: npm install @candor/backend-otel');
  });

  it.each(["oltp", "OTLP", "constructor"])("and is named by a mere word, as %s, is told of with the names there are, and nobody is sent to install it", async (use) => {
    const sentence = `backend.use: "${use}" is neither one of candor's backends (noop, stdout, http, file, otlp, amplitude, posthog, datadog, counters) nor a package that the tool depends on`;
    expect(await told(use)).toEqual({ delivery: sentence, author: sentence });
  });
});
