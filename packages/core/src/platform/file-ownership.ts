/** The ownership of files: who has one, and who may write it. Which process a name stands for is told in `owner`. Windows has neither users by number nor such modes. */
import type { HostProcess } from "./ports.ts";

/** What `lstat` says of a file or a directory. */
export interface Owned {
  readonly uid: number;
  readonly mode: number;
}

const GROUP_AND_OTHERS_MAY_WRITE = 0o022;

/** Whether it belongs to another user than the one of this process. */
export function isForeign({ uid }: Pick<Owned, "uid">, host: HostProcess): boolean {
  const userId = host.userId();
  return userId !== undefined && uid !== userId;
}

/** Whether others than its owner may write it. */
export function mayBeWrittenByOthers({ mode }: Owned, { platform }: HostProcess): boolean {
  return platform !== "win32" && (mode & GROUP_AND_OTHERS_MAY_WRITE) !== 0;
}
