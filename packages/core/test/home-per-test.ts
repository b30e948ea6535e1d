/** The home that each test of a file has to itself. */
import { afterEach, beforeEach } from "@jest/globals";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { standIn } from "./stand-in.ts";

/** Makes one before each test, and removes it after it; for the top of a file. `tree` is written below it; see `temporaryHome`. */
export function homePerTest(tree: Readonly<Record<string, string>> = {}): TemporaryHome {
  let home: TemporaryHome | undefined;
  beforeEach(() => {
    home = temporaryHome(tree);
  });
  afterEach(() => {
    home?.dispose();
    home = undefined;
  });
  return standIn("home", () => home);
}
