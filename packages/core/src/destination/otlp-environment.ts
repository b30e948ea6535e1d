/**
 * The standard OTLP variables (OpenTelemetry specification, "OTLP exporter configuration"). They belong to the user's own
 * work, so they are read only when the author or the policy asks for it.
 */

/** Options of the OTLP backend from `OTEL_EXPORTER_OTLP_*`; the variable for logs wins over the general one. */
export function fromStandardEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const read = (name: string): string | undefined =>
    environment[`OTEL_EXPORTER_OTLP_LOGS_${name}`] || environment[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
  const headers = parseHeaderList(read("HEADERS"));
  const endpoint = read("ENDPOINT");
  const timeoutMs = Number(read("TIMEOUT"));
  const tls = without({ caFile: read("CERTIFICATE"), certificateFile: read("CLIENT_CERTIFICATE"), keyFile: read("CLIENT_KEY") });
  return without({
    endpoint,
    // The variable for logs is the whole address; the general one is where the signals' paths begin.
    endpointIsComplete: environment["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] ? true : undefined,
    headers,
    timeoutMs: Number.isSafeInteger(timeoutMs) && timeoutMs > 0 ? timeoutMs : undefined,
    gzip: read("COMPRESSION") === undefined ? undefined : read("COMPRESSION") === "gzip",
    tls: Object.keys(tls).length > 0 ? tls : undefined,
  });
}

/** `key=value,key2=value2` with percent-encoded values (W3C Baggage, as the specification says); undefined when there is none. */
export function parseHeaderList(text: string | undefined): Record<string, string> | undefined {
  const entries = (text ?? "").split(",").flatMap((pair): [string, string][] => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    return at > 0 && name !== "" ? [[name, decoded(pair.slice(at + 1).trim())]] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign: the value was not encoded.
    return text;
  }
}

function without(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
