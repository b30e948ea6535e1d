/** Asking a destination to erase what it holds about one person's installation. */

/** Whose data is to be erased. */
export interface DeletionSubject {
  readonly machineId: string;
  /** The author's own id of the person, where the tool knows it and its events carry it. */
  readonly userId?: string;
  /** A UUIDv7, the same in every attempt: whoever is asked may drop repetitions. */
  readonly requestId: string;
  /** When the person asked; RFC 3339. An attempt may be made days later. */
  readonly requestedAt: string;
  readonly toolName: string;
  readonly toolVersion: string;
}

/** What became of a deletion request. The words are shown to the person who asked. */
export type DeletionOutcome =
  /** The destination confirmed that it took the request. */
  | { readonly status: "sent"; readonly destination: string }
  /** The person has to act: send this message. */
  | { readonly status: "user-action"; readonly instructions: string }
  /** The request did not arrive. It is made again later. */
  | { readonly status: "failed"; readonly reason: string }
  /** This way of asking cannot work here. */
  | { readonly status: "impossible"; readonly reason: string };

/** A way to ask for deletion. Faults are returned, never thrown. */
export interface DeletionRequestor {
  /** Names it in what the person reads, and tells it from the other requestors of the tool. */
  readonly name: string;
  /** Asks once, for one id. It may be called again for the same request, and must end when the signal aborts. */
  requestDeletion(subject: DeletionSubject, context: { readonly signal: AbortSignal }): Promise<DeletionOutcome>;
}
