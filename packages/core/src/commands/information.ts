/**
 * The information: what telemetry records, shown on an event as it would be, and where it goes. It works while telemetry is off, writes
 * nothing, starts no process and asks no network.
 */
import { eventToJson } from "@candor/backend";
import type { Collector } from "../collector/collector.ts";
import { describeBackend } from "../collector/installation.ts";
import { redactorOf } from "../collector/tool-redactor.ts";
import { createStamp } from "../event/event.ts";
import type { CommandReport } from "./report.ts";

/** Says what is recorded, what is not, where it goes and how to stop it. */
export function info({ installation }: Collector): CommandReport {
  const { config, directories, ports, logger } = installation;
  const consent = installation.consent();
  const stamp = createStamp({
    toolName: config.tool,
    toolVersion: config.version,
    machineId: installation.peekId()?.machineId ?? "(made with the first event)",
    metadata: () => (typeof config.metadata === "function" ? config.metadata({ dryRun: true }) : config.metadata),
    extendedCollection: config.extendedCollection,
    redactor: redactorOf(installation),
    now: ports.clock.now,
    logger,
  });
  const event = stamp({ type: "command.invocation", name: `${config.tool} …`, outcome: { durationMs: 42, exitCode: 0 } });
  const example = event && eventToJson(event);
  const destinations = installation.routes(consent).map(({ backend }) => describeBackend(backend, directories));
  const collected = [
    "the command's name, how it ended and how long it took",
    `the versions of ${config.tool}, of the operating system and of Node.js`,
    "a pseudonymous id of this installation",
    ...(config.extendedCollection ? ["arguments and error messages, with what looks like a secret taken out"] : []),
  ];
  const never = [
    ...(config.extendedCollection ? [] : ["arguments and error messages"]),
    "environment variables, the contents of files, your name and your network address as a part of an event",
  ];
  return {
    exitCode: 0,
    lines: [
      `While telemetry is on, ${config.tool} records of every command:`,
      ...collected.map((line) => `  - ${line}`),
      "It never records:",
      ...never.map((line) => `  - ${line}`),
      destinations.length > 0 ? `It is sent to: ${destinations.join(", ")}` : "It is sent nowhere: no destination is configured.",
      `Telemetry is ${consent.enabled ? "on" : "off"} now: ${consent.reason}.`,
      ...(example ? ["An event looks like this:", ...JSON.stringify(example, undefined, 2).split("\n").map((line) => `  ${line}`)] : []),
    ],
    data: { collected, never, destinations, enabled: consent.enabled, reason: consent.reason, ...(example ? { example } : {}) },
  };
}
