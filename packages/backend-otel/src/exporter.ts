/**
 * One export through OpenTelemetry's own exporter, with candor's HTTP client as its transport. One
 * attempt: the retrying transport that OpenTelemetry puts in between cannot be switched off and loses
 * Retry-After, so it is not there. What the exporter thinks of the outcome is not asked; the answer
 * itself is handed back. Neither the environment nor a global provider is read.
 *
 * Loads OpenTelemetry and node:http, so only the first send imports it.
 */
import type { PostRequest, PostResult } from "@candor/backend";
import { post } from "@candor/backend/post";
import { createOtlpNetworkExportDelegate, ExporterMetrics, type IExporterTransport, OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { LogsExporterMetricsHelper } from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { exactLogsSerializer } from "./serializer.ts";

/** Where and how to send; the body is the records. */
type ExportRequest = Omit<PostRequest, "body"> & { readonly url: URL; readonly timeoutMs: number };

/** Sends the records in one request. Rejects only when they cannot be serialised. */
export async function exportRecords(records: ReadableLogRecord[], request: ExportRequest): Promise<PostResult> {
  let result: PostResult = { status: "failed", fault: "network", reason: "the exporter made no request" };
  const transport: IExporterTransport = {
    async send(body, timeoutMs) {
      result = await post({ ...request, body, timeoutMs });
      return result.status === "answered" ? { status: "success" } : { status: "failure", error: new Error(result.reason) };
    },
    shutdown: () => undefined,
  };
  // Without a meter provider the exporter counts nothing.
  const metrics = new ExporterMetrics({
    componentType: "otlp_http_json_log_exporter",
    metricsHelper: LogsExporterMetricsHelper,
    url: request.url.origin,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  });
  const settings = { timeoutMillis: request.timeoutMs, concurrencyLimit: 1, compression: "none" as const };
  const exporter = new OTLPExporterBase(createOtlpNetworkExportDelegate(settings, exactLogsSerializer, metrics, transport));
  await new Promise((resolve) => exporter.export(records, resolve));
  await exporter.shutdown();
  return result;
}
