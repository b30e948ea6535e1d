/** Asking a destination to erase what it holds about one person's installation. */

/** Whose data is to be erased. */
export interface DeletionSubject {
  readonly machineId: string;
  readonly toolName: string;
  readonly toolVersion: string;
}

/** What became of a deletion request. The words are shown to the person who asked. */
export type DeletionOutcome =
  /** The destination confirmed that it took the request. */
  | { readonly status: "sent"; readonly destination: string }
  /** The person has to act: send this message. */
  | { readonly status: "user-action"; readonly instructions: string }
  /** The request did not arrive. */
  | { readonly status: "failed"; readonly reason: string }
  /** This way of asking cannot work here. */
  | { readonly status: "impossible"; readonly reason: string };

/** A way to ask for deletion. Faults are returned, never thrown. */
export interface DeletionRequestor {
  readonly name: string;
  requestDeletion(subject: DeletionSubject, context: { readonly signal: AbortSignal }): Promise<DeletionOutcome>;
}
