/** The parts of the bench, in the order in which they run and are reported. */
import * as commandCost from "./command-cost.mjs";
import * as drain from "./drain.mjs";
import * as hotPath from "./hot-path.mjs";
import * as importCost from "./import-cost.mjs";
import * as memory from "./memory.mjs";
import * as outcomes from "./outcomes.mjs";
import * as packed from "./package.mjs";
import * as shellLoop from "./shell-loop.mjs";
import * as spill from "./spill.mjs";
import * as spoolGrowth from "./spool-growth.mjs";
import * as uploader from "./uploader.mjs";

export const PARTS = [packed, importCost, commandCost, outcomes, hotPath, spill, drain, memory, uploader, spoolGrowth, shellLoop];
