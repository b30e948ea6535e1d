/** What tests of consent begin with: some of what can decide on a machine, and the question of what has. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConsentDecision, type ConsentOptions, resolveConsent } from "../src/consent/consent.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import type { FakeProcess } from "./fake-ports.ts";

export interface ConsentOn {
  /** What is decided for a tool, `notes` unless another is named. */
  readonly resolve: (options?: ConsentOptions, tool?: string) => ConsentDecision;
  /** Sets variables of the environment. */
  readonly set: (variables: Readonly<Record<string, string>>) => void;
  /** Writes the project's file, into the working directory unless another is named. */
  readonly project: (content: string, directory?: string) => void;
}

export function consentOn(machine: FakeProcess): ConsentOn {
  return {
    resolve: (options = {}, tool = "notes") => resolveConsent(tool, options, directoriesFor(tool, machine.host), machine.ports),
    set: (variables) => void Object.assign(machine.host.environment, variables),
    project(content, directory = machine.host.cwd) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, ".candor.json"), content);
    },
  };
}
