/**
 * Asking by e-mail: opens the person's mail program with a filled-in message, as GTB-77, where there is one, and always says what to
 * send and where. It sends nothing itself and never says that it did.
 */
import type { DeletionSubject } from "@candor/backend";
import { type Ask, endOf } from "./ask.ts";

/** Opens a `mailto:` address and resolves when a program has taken it; rejects when there is none. */
export type OpenAddress = (address: string) => Promise<unknown>;

export interface EmailOptions {
  readonly address: string;
  readonly openAddress: OpenAddress;
}

/** Longer addresses are cut off or refused on their way to the mail program (Windows: 2,081 characters). */
const MAX_ADDRESS_LENGTH = 2_000;

/** Leaves the sending to the person: one message for all ids. */
export function askByEmail({ address, openAddress }: EmailOptions): Ask {
  return async (subjects, { signal }) => {
    const givenUp = endOf(signal, 0);
    const opened = await Promise.race([isOpened(openAddress, address, subjects), givenUp.reached.then(() => false)]);
    givenUp.forget();
    const { title, body } = message(subjects);
    const lead = opened
      ? "Nothing has been sent yet. Send the message that opens in your mail program, or write it yourself:"
      : "Nothing has been sent yet. Write this e-mail:";
    const instructions = [lead, `  To: ${address}`, `  Subject: ${title}`, `  ${body}`].join("\n");
    return { confirmed: [], outcome: { status: "user-action", instructions } };
  };
}

/**
 * The `mailto:` address of the message. RFC 6068 knows no `+` for a space, so everything is percent-encoded; a tool's
 * name cannot add a header or a recipient.
 */
export function mailtoAddress(address: string, subjects: readonly MessageSubject[]): string {
  const { title, body } = message(subjects);
  const recipient = address.split("@").map(encodeURIComponent).join("@");
  return `mailto:${recipient}?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(body)}`;
}

type MessageSubject = Pick<DeletionSubject, "machineId" | "toolName" | "userId">;

async function isOpened(openAddress: OpenAddress, address: string, subjects: readonly MessageSubject[]): Promise<boolean> {
  try {
    const target = mailtoAddress(address, subjects);
    if (target.length > MAX_ADDRESS_LENGTH) return false;
    await openAddress(target);
    return true;
  } catch {
    // No desktop, or no mail program: the person reads what to write.
    return false;
  }
}

function message(subjects: readonly MessageSubject[]): { title: string; body: string } {
  const [first] = subjects;
  const ids = subjects.map(({ machineId }) => machineId).join(", ");
  const person = first?.userId === undefined ? "" : `, and with user ID: ${first.userId}`;
  return {
    title: `Data Deletion Request — ${first?.toolName}`,
    body: `Please delete all telemetry data associated with machine ID: ${ids}${person}`,
  };
}
