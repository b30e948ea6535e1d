/** OpenTelemetry's log SDK with the OTLP/HTTP exporter: the batch processor, and `shutdown()` awaited. */
export const about = {
  name: "opentelemetry",
  packages: ["@opentelemetry/sdk-logs", "@opentelemetry/exporter-logs-otlp-http"],
  configuration: "BatchLogRecordProcessor, OTLP/HTTP JSON; await shutdown()",
};

export async function open({ endpoint }) {
  const [{ BatchLogRecordProcessor, LoggerProvider }, { OTLPLogExporter }, { SeverityNumber }] = await Promise.all([
    import("@opentelemetry/sdk-logs"),
    import("@opentelemetry/exporter-logs-otlp-http"),
    import("@opentelemetry/api-logs"),
  ]);
  const exporter = new OTLPLogExporter({ url: `${endpoint}v1/logs` });
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger("bench");
  return {
    track: (eventName, attributes) => logger.emit({ eventName, attributes, severityNumber: SeverityNumber.INFO }),
    close: () => provider.shutdown(),
    // The processor's queue holds 2,048 records and drops what comes beyond.
    flushEvery: 2_000,
    flush: () => provider.forceFlush(),
  };
}
