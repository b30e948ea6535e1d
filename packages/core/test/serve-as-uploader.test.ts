import { afterEach, expect, it } from "@jest/globals";
import { HANDOVER_VARIABLE } from "../src/uploader/handover.ts";
import { serveAsUploader } from "../src/uploader/serve-as-uploader.ts";

const before = process.env[HANDOVER_VARIABLE];
afterEach(() => {
  if (before === undefined) delete process.env[HANDOVER_VARIABLE];
  else process.env[HANDOVER_VARIABLE] = before;
});

it("answers false at once in a process that nobody started as an uploader, and loads no backend", async () => {
  delete process.env[HANDOVER_VARIABLE];
  let loaded = false;
  const served = await serveAsUploader({
    mine: () => {
      loaded = true;
      return Promise.resolve({});
    },
  });
  expect({ served, loaded }).toEqual({ served: false, loaded: false });
  expect(await serveAsUploader()).toBe(false);
});
