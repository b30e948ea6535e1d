/** @candor/backend-otel: events as OpenTelemetry log records, sent by OTLP/HTTP and acknowledged by the collector. */
export { otlpBackend, otlpBackend as default } from "./backend.ts";
export type { OtlpBackendOptions } from "./options.ts";
export type { TlsFiles } from "@candor/backend";
