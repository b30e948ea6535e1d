/**
 * The hold: what keeps a stored deletion request from being sent for now. A request is not usage data, so what forbids collecting does
 * not forbid it, except the machine's policy, which speaks for the network; and nobody's request is sent by a machine's own runs.
 */
import type { Installation } from "../collector/installation.ts";
import { isContinuousIntegration } from "../platform/environment.ts";

/** Why nothing about telemetry may leave this machine at all, if operations have decided so. */
export function policyHold({ policyFile }: Installation): string | undefined {
  const file = policyFile();
  if (file.status !== "applies" || file.policy.telemetry === "allowed") return undefined;
  return `the machine's policy (${file.path}) lets nothing of telemetry leave this machine`;
}

/** Why no request may be sent by itself in this run: it is not the person's, or the policy forbids it. */
export function holdsRetries(installation: Installation): boolean {
  return isContinuousIntegration(installation.ports.host.environment) || policyHold(installation) !== undefined;
}
