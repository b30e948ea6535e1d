/** The total: what waits on disk under any consent, for people. It reads the segments that are still open, which no command on its way does. */
import { joinPath } from "../platform/paths.ts";
import { readPrivateFile } from "../platform/private-file.ts";
import { parseLines } from "./batch.ts";
import { namesIn } from "../platform/entries.ts";
import { createSpool, measureSpool, type Spool, type SpoolSize } from "./spool.ts";

/** What waits on disk under any consent, events in segments that are still open included. For people: it reads those files. */
export function measureAll(spool: Spool): SpoolSize {
  const { directories, ports } = spool;
  const sizes = namesIn(directories.spool, ports).map((consentId) => {
    const one = createSpool(consentId, directories, spool.bounds, ports);
    const size = measureSpool(one);
    return { ...size, events: size.events + openEvents(one) };
  });
  const sum = (field: keyof SpoolSize): number => sizes.reduce((total, size) => total + size[field], 0);
  return { events: sum("events"), bytes: sum("bytes"), batches: sum("batches") };
}

function openEvents(spool: Spool): number {
  return namesIn(spool.open, spool.ports).reduce((sum, name) => {
    const content = readPrivateFile(joinPath(spool.open, name), spool.ports.fileSystem);
    return sum + (content.status === "read" ? parseLines(content.text).events.length : 0);
  }, 0);
}
