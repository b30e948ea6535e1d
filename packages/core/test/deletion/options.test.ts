/** The options about deletion: what is wrong with them is said, by the name of the option. */
import { expect, it } from "@jest/globals";
import { findProblems } from "../../src/config/config-rules.ts";

const VALID = { tool: "notes", version: "1.2.3" };
const own = { name: "own", requestDeletion: () => Promise.resolve({ status: "sent", destination: "x" }) };

it.each<[string, Record<string, unknown>]>([
  ["deletion", { deletion: [] }],
  ["deletion[0]", { deletion: ["http"] }],
  ["deletion[1].use", { deletion: [{ use: "event" }, { use: "fax" }] }],
  ["deletion[1]", { deletion: [{ use: "event" }, { use: "event" }] }],
  ["deletion[1]", { deletion: [own, { ...own }] }],
  ["deletion.requestDeletion", { deletion: { name: "own", requestDeletion: true } }],
  ["deletion.name", { deletion: { requestDeletion: () => undefined } }],
  ["deletion.headers", { deletion: { use: "http", endpoint: "https://x.example", headers: { key: () => "x" } } }],
  ["deletion.address", { deletion: { use: "email" } }],
  ["userId", { userId: "u-1" }],
])("names %s when it is wrong: %j", (field, options) => {
  expect(findProblems({ ...VALID, ...options })).toEqual([expect.stringMatching(new RegExp(`^${field.replaceAll(/[[\].]/g, "\\$&")}: .`))]);
});

it.each<[Record<string, unknown>]>([
  [{ deletion: own }],
  [{ deletion: [own, { ...own, name: "another" }, { use: "event" }, { use: "http", endpoint: "https://x.example/erase", headers: { key: "x" } }, { use: "email", address: "privacy@example.com" }] }],
  [{ deletion: [{ use: "http", endpoint: "https://x.example/a" }, { use: "http", endpoint: "https://x.example/b" }] }],
  [{ userId: () => undefined }],
])("takes %j", (options) => {
  expect(findProblems({ ...VALID, ...options })).toEqual([]);
});
