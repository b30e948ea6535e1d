/** @candor/backend-datadog: events as logs in Datadog, sent to its v2 intake and acknowledged by it. */
export { datadogBackend, datadogBackend as default } from "./backend.ts";
export type { DatadogBackendOptions } from "./options.ts";
export type { DatadogSite } from "./site.ts";
export type { TlsFiles } from "@candor/backend";
