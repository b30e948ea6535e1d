import { readFileSync } from "node:fs";
import { describe, it } from "@jest/globals";
import { backendContract } from "@candor/testing";
import { fileBackend } from "../src/index.ts";
import { errorCode } from "../src/file-system.ts";
import { idsIn } from "./file-fixture.ts";

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

describe("the file backend", () => {
  backendContract({
    it,
    without: { wire: "it writes to a local file", credential: "it needs none" },
    make(context) {
      const backend = fileBackend({}, context);
      return { backend, received: () => Promise.resolve(idsIn(readIfPresent(backend.destination))), dispose: () => Promise.resolve() };
    },
  });
});
