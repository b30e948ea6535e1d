/**
 * The desktop: opens an address with the program that the person has for it, where there is one. Only a command that a person runs loads
 * it; the uploader never does.
 */
import type { HostProcess } from "../platform/ports.ts";

/** A mail program that cannot start has said so by then; one that runs may never end. */
const OPENED_AFTER_MS = 1_000;

/** Opens an address with the desktop's own program. @throws where there is no desktop: a container, a remote shell. */
export async function openWithDesktop(address: string, host: HostProcess): Promise<void> {
  if (!hasDesktop(host)) throw new Error("there is no desktop here");
  const { default: open } = await import("open");
  const child = await open(address);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, OPENED_AFTER_MS);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("exit", (exitCode) => {
      clearTimeout(timer);
      if (exitCode === 0) resolve();
      else reject(new Error("no program takes e-mail addresses"));
    });
  });
  child.unref();
}

/** Whether a window could appear where this person would see it. */
export function hasDesktop({ platform, environment }: Pick<HostProcess, "platform" | "environment">): boolean {
  const has = (name: string): boolean => Boolean(environment[name]);
  // Over SSH a forwarded display is the person's own screen; without one a program would open on somebody else's.
  if (has("DISPLAY") || has("WAYLAND_DISPLAY")) return true;
  if (has("SSH_CONNECTION") || has("SSH_CLIENT") || has("SSH_TTY")) return false;
  return platform === "darwin" || platform === "win32" || has("WSL_DISTRO_NAME");
}
