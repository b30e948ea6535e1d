/**
 * The addressees: everybody whom a deletion request of this tool goes to, as the tool is configured now: each requestor, and for the
 * event requestor each backend. Listing them loads nothing; opening one does.
 */
import type { Backend, DeletionRequestor } from "@candor/backend";
import { openDestinations } from "../delivery/in-process-delivery.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import { type DeletionChoice, isChoice, isRequestor } from "../config/config.ts";
import { describeBackend, type Installation, keyOf, needsThisProcess } from "../collector/installation.ts";
import { digest } from "../platform/digest.ts";
import { type Ask, askRequestor, failed } from "./ask.ts";
import { askByEmail, type OpenAddress } from "./email.ts";
import { askBackend } from "./event.ts";
import { httpDeletionRequestor } from "./http.ts";
import type { AskedBy } from "./outstanding.ts";

export interface Addressee {
  /** Names it between runs; of a backend, the key it has in the destination journal. */
  readonly key: string;
  readonly description: string;
  readonly askedBy: AskedBy;
  /** The request leaves this machine by itself; not so an e-mail, which the person sends. */
  readonly overNetwork: boolean;
  readonly way: Way;
}

type Way =
  | { readonly kind: "requestor"; readonly requestor: DeletionRequestor }
  | { readonly kind: "choice"; readonly choice: Exclude<DeletionChoice, { use: "event" }> }
  | { readonly kind: "backend"; readonly backend: BackendChoice | Backend };

/** Everybody who is to be asked. Local-only consent is left out of account: what is to be erased is what left this machine before. */
export function addresseesOf(installation: Installation, consent: ConsentDecision): Addressee[] {
  return installation.config.deletion.flatMap((deletion): Addressee[] => {
    if (isRequestor(deletion)) {
      const key = digest(`requestor\n${deletion.name}`);
      return [{ key, description: deletion.name, askedBy: "tool", overNetwork: true, way: { kind: "requestor", requestor: deletion } }];
    }
    if (deletion.use === "event") return backendsAsked(installation, consent);
    const place = deletion.use === "http" ? deletion.endpoint : deletion.address;
    const description = deletion.use === "http" ? describeBackend({ use: "http", endpoint: place }, installation.directories) : `e-mail (${place})`;
    const [askedBy, overNetwork] = deletion.use === "http" ? (["uploader", true] as const) : (["person", false] as const);
    return [{ key: digest(`${deletion.use}\n${place}`), description, askedBy, overNetwork, way: { kind: "choice", choice: deletion } }];
  });
}

/** Backends that keep what they are given somewhere else than on this machine; a file here is for its owner to delete. */
function backendsAsked(installation: Installation, consent: ConsentDecision): Addressee[] {
  const { config, directories } = installation;
  const keeps = (backend: BackendChoice | Backend): boolean => {
    if (!isChoice(backend)) return backend.name !== "noop";
    return !["noop", "stdout", "file"].includes(backend.use);
  };
  return installation.backendsFor({ ...consent, localOnly: false }).filter(keeps).map((backend) => ({
    key: keyOf(backend),
    description: isBackend(backend) ? `${backend.name} (${backend.destination})` : describeBackend(backend, directories),
    askedBy: needsThisProcess([backend], config) ? "tool" : "uploader",
    overNetwork: !isChoice(backend) || backend.use !== "file",
    way: { kind: "backend", backend },
  }));
}

/** Addressees that can be asked, until they are closed. */
export interface OpenAddressees {
  /** How to ask the one with this key; undefined when the tool knows it no more. */
  readonly askFor: (key: string) => Ask | undefined;
  readonly close: () => Promise<void>;
}

/** What asking needs of the process it is done in. */
export interface AskingPlace {
  /** File from whose place backends are loaded. */
  readonly resolveFrom: string | undefined;
  /** Shows a person a message to send; where nobody looks there is none. */
  readonly openAddress?: OpenAddress;
}

/** Builds what is needed to ask. Whoever cannot be built answers why. */
export async function openAddressees(installation: Installation, consent: ConsentDecision, place: AskingPlace): Promise<OpenAddressees> {
  const addressees = addresseesOf(installation, consent);
  const viaBackends = addressees.some(({ way }) => way.kind === "backend");
  const destinations = viaBackends ? await openDestinations(installation, { ...consent, localOnly: false }, place.resolveFrom) : [];
  const built = destinations.filter(({ backend }) => !installation.config.backends.includes(backend));
  return {
    askFor(key) {
      const way = addressees.find((addressee) => addressee.key === key)?.way;
      if (way === undefined) return undefined;
      if (way.kind === "requestor") return askRequestor(way.requestor);
      if (way.kind === "choice") return askChoice(way.choice, place);
      const destination = destinations.find((each) => each.key === key);
      return destination && askBackend(destination.backend);
    },
    async close() {
      await Promise.allSettled(built.map(({ backend }) => backend.close()));
    },
  };
}

function askChoice(choice: Exclude<DeletionChoice, { use: "event" }>, { openAddress }: AskingPlace): Ask | undefined {
  if (choice.use === "email") return openAddress && askByEmail({ ...choice, openAddress });
  try {
    return askRequestor(httpDeletionRequestor(choice));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return () => Promise.resolve({ confirmed: [], outcome: failed(reason) });
  }
}
