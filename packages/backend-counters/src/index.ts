/** @candor/backend-counters: telemetry as cumulative counts by command and exit status. */
import { countersBackend } from "./backend.ts";

export type { CountersBackendOptions } from "./options.ts";
export { countersBackend };
export default countersBackend;
