/** Deletion: chooses the requestor the author configured and asks it, within one limit. Faults become outcomes. */
import type { DeletionOutcome, DeletionRequestor } from "@candor/backend";
import { openDestinations } from "../delivery/in-process-delivery.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { emailDeletionRequestor } from "./email.ts";
import { eventDeletionRequestor } from "./event.ts";
import { httpDeletionRequestor } from "./http.ts";
import type { Installation } from "../collector/installation.ts";

/** Limit of the whole request; GTB's. */
const LIMIT_MS = 10_000;

/** Asks for deletion of this installation's data. Never rejects. */
export async function requestDeletion(installation: Installation, consent: ConsentDecision, machineId: string): Promise<DeletionOutcome> {
  const { config, ports } = installation;
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const requestor = await requestorFor(installation, consent);
    if (typeof requestor?.requestDeletion !== "function") return { status: "failed", reason: "the tool's deletion requestor is not one" };
    return await requestor.requestDeletion({ machineId, toolName: config.tool, toolVersion: config.version }, { signal });
  } catch (error) {
    installation.logger.warn("the deletion requestor failed", { error: String(error), at: ports.clock.now() });
    return { status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function requestorFor(installation: Installation, consent: ConsentDecision): Promise<DeletionRequestor> {
  const { deletion } = installation.config;
  if ("requestDeletion" in deletion) return deletion;
  switch (deletion.use) {
    case "http":
      return httpDeletionRequestor(deletion);
    case "email":
      return emailDeletionRequestor(deletion);
    case "event": {
      const destinations = await openDestinations(installation, consent, installation.ports.host.script);
      const backends = destinations.map(({ backend }) => backend);
      return eventDeletionRequestor({ backends, now: installation.ports.clock.now });
    }
  }
}
