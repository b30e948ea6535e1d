/**
 * The e-mail deletion requestor: opens the person's mail program with a filled-in message, as GTB-77, and always says
 * what to send and where, because there may be no mail program.
 */
import type { DeletionRequestor, DeletionSubject } from "@candor/backend";

export interface EmailDeletionOptions {
  readonly address: string;
  /** Opens a `mailto:` address; default: the desktop's way, through the `open` package. */
  readonly openAddress?: (address: string) => Promise<unknown>;
}

/** A requestor that leaves the sending to the person. */
export function emailDeletionRequestor({ address, openAddress = openWithDesktop }: EmailDeletionOptions): DeletionRequestor {
  return {
    name: "email",
    async requestDeletion(subject, { signal }) {
      const opened = await Promise.race([isOpened(openAddress, mailtoAddress(address, subject)), aborted(signal)]);
      const { title, body } = message(subject);
      const lead = opened ? "Send the message in your mail program, or write it yourself:" : "Write this e-mail:";
      return { status: "user-action", instructions: [lead, `  To: ${address}`, `  Subject: ${title}`, `  ${body}`].join("\n") };
    },
  };
}

/**
 * The `mailto:` address of the message. RFC 6068 knows no `+` for a space, so everything is percent-encoded; a tool's
 * name cannot add a header or a recipient.
 */
export function mailtoAddress(address: string, subject: Pick<DeletionSubject, "machineId" | "toolName">): string {
  const { title, body } = message(subject);
  const recipient = address.split("@").map(encodeURIComponent).join("@");
  return `mailto:${recipient}?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(body)}`;
}

async function isOpened(openAddress: (address: string) => Promise<unknown>, address: string): Promise<boolean> {
  try {
    await openAddress(address);
    return true;
  } catch {
    // No desktop, or no mail program: the person reads what to write.
    return false;
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}

function message({ machineId, toolName }: Pick<DeletionSubject, "machineId" | "toolName">): { title: string; body: string } {
  return {
    title: `Data Deletion Request — ${toolName}`,
    body: `Please delete all telemetry data associated with machine ID: ${machineId}`,
  };
}

async function openWithDesktop(address: string): Promise<void> {
  const { default: open } = await import("open");
  const child = await open(address);
  child.on("error", () => undefined);
  child.unref();
}
