/** The tool's stamp: makes events with what an installation says of itself, for the collector and for those who show an event beforehand. */
import { createAdmission } from "../catalog/admission.ts";
import { createStamp, type GivenProperties, type Properties, type Stamp } from "../event/event.ts";
import type { LossCounts } from "../spool/loss-counts.ts";
import type { Installation } from "./installation.ts";
import { redactorOf } from "./tool-redactor.ts";

export interface ToolStampSettings {
  readonly machineId: string;
  /** Told to the tool's `metadata` function: nothing is recorded, only shown. */
  readonly dryRun: boolean;
  /** Properties of every event that the tool's own replace. Default: none. */
  readonly otherwise?: Properties | undefined;
  /** Counts what the catalog keeps out. Default: nobody counts. */
  readonly lose?: (reason: keyof LossCounts, count: number) => void;
}

/** Stands for an id that is derived with the first event. */
const NO_ID_YET = "(made with the first event)";

/** For events that are only shown: derives no id, counts nothing. */
export function createSampleStamp(installation: Installation, otherwise?: ToolStampSettings["otherwise"]): Stamp {
  return createToolStamp(installation, { machineId: installation.peekId()?.machineId ?? NO_ID_YET, dryRun: true, otherwise });
}

export function createToolStamp(installation: Installation, { machineId, dryRun, otherwise, lose = () => undefined }: ToolStampSettings): Stamp {
  const { config, logger, ports } = installation;
  const own = (): GivenProperties => (typeof config.metadata === "function" ? config.metadata({ dryRun }) : config.metadata);
  return createStamp({
    toolName: config.tool,
    toolVersion: config.version,
    machineId,
    metadata: otherwise ? () => ({ ...otherwise, ...own() }) : own,
    extendedCollection: config.extendedCollection,
    redactor: redactorOf(installation),
    admission: config.catalog && createAdmission(config.catalog, { lose, logger }),
    now: ports.clock.now,
    logger,
  });
}
