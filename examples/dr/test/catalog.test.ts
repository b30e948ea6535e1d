import path from "node:path";
import { expect, it } from "@jest/globals";
import { runProcess } from "@candor/testing";
import { findCatalogProblems } from "@candor/core/catalog";
import { catalog } from "../src/catalog.ts";

const EXAMPLE = path.join(__dirname, "..");

it("is without a mistake", () => {
  expect(findCatalogProblems(catalog)).toEqual([]);
});

it("is what TELEMETRY.md says", async () => {
  const program = path.join(EXAMPLE, "node_modules/@candor/cli/bin/candor.mjs");
  const checked = await runProcess(process.execPath, [program, "catalog", "dist/catalog.mjs", "--check"], { environment: {}, cwd: EXAMPLE });
  expect(checked).toMatchObject({ exitCode: 0, stderr: "" });
});
