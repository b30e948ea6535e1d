/** The destination check: the way to one destination, and whether it would take events; without sending any. */
import { type Backend, type DeliveryResult, readTlsFiles, type TlsFiles } from "@candor/backend";
import { checkReachability } from "@candor/backend/reachability";
import { UNAVAILABLE } from "../destination/backend-registry.ts";
import { isDeliveryResult } from "../delivery/delivery.ts";
import { type BackendChoice, type Destination, isBackend } from "../destination/destination.ts";
import type { Finding } from "./finding.ts";

/** Limit of the empty request; GTB's for its connectivity check. */
const PROBE_LIMIT_MS = 5_000;

/** A backend that does not obey its signal is not waited for any longer. */
const PROBE_GRACE_MS = 500;

const ADVICE = {
  proxy: "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY, and that the proxy runs.",
  dns: "Check the address, and that this machine can look up names.",
  tcp: "Check that the destination runs, and that no firewall is in the way.",
  tls: "Give the destination's authority as a CA file, or mend its certificate.",
  retry: "Nothing is lost: events stay on disk and are tried again.",
  blocked: "Check the address and the credentials. Events stay on disk meanwhile.",
  unavailable: "Tell the tool's author, or who wrote the machine's policy. Events stay on disk meanwhile.",
} as const;

/** Checks the way, then asks the destination with an empty request. */
export async function checkDestination(choice: BackendChoice | Backend, { description, backend }: Destination): Promise<Finding[]> {
  const findings: Finding[] = [];
  const url = addressOf(choice, backend);
  // A backend that could not be built knows why; the way to its destination does not matter.
  if (url && backend.destination !== UNAVAILABLE) {
    for (const { step, status, message } of await checkReachability(url, tlsOf(choice))) {
      findings.push({ subject: description, status, message, ...(status === "fail" ? { advice: ADVICE[step] } : {}) });
    }
    if (findings.some(({ status }) => status === "fail")) return findings;
  }
  if (!backend.probe) return [...findings, { subject: description, status: "skip", message: "cannot be asked without sending data" }];
  const found = verdict(description, await probe(backend));
  return [...findings, backend.destination === UNAVAILABLE ? { ...found, advice: ADVICE.unavailable } : found];
}

async function probe(backend: Backend): Promise<DeliveryResult> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<DeliveryResult>((resolve) => {
    timer = setTimeout(resolve, PROBE_LIMIT_MS + PROBE_GRACE_MS, { status: "retry", reason: "no answer in time" });
  });
  try {
    const answer: unknown = await Promise.race([backend.probe?.({ signal: AbortSignal.timeout(PROBE_LIMIT_MS) }), limit]);
    return isDeliveryResult(answer) ? answer : { status: "retry", reason: "the backend's answer is none of the contract's" };
  } catch (error) {
    return { status: "retry", reason: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

function verdict(subject: string, result: DeliveryResult): Finding {
  switch (result.status) {
    case "accepted":
    case "partial":
      return { subject, status: "pass", message: "answers, and takes events" };
    case "rejected":
      return { subject, status: "pass", message: `answers; it has no use for an empty request (${result.reason})` };
    case "retry":
    case "blocked":
      return { subject, status: "fail", message: result.reason, advice: ADVICE[result.status] };
  }
}

/** The address that is configured, or the vendor's own; a live backend's ways are its author's business. */
function addressOf(choice: BackendChoice | Backend, { destination }: Backend): URL | undefined {
  if (isBackend(choice)) return undefined;
  const address = choice["endpoint"] ?? destination;
  return typeof address === "string" && /^https?:/i.test(address) && URL.canParse(address) ? new URL(address) : undefined;
}

function tlsOf(choice: BackendChoice | Backend): ReturnType<typeof readTlsFiles> {
  try {
    return isBackend(choice) ? undefined : readTlsFiles(choice["tls"] as TlsFiles | undefined);
  } catch {
    // The backend itself has failed on the same file, and says so when it is asked.
    return undefined;
  }
}
