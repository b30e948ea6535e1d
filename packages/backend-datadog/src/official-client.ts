/**
 * The request as Datadog's own client writes it, sent by candor. The client turns entries into a body and
 * signs it; everything else of it stays out of the way: its HTTP library (no proxy, no time limit, prints on
 * a fault), its retries, its reading of answers, and `createConfiguration`, which reads DD_SITE and the DD
 * keys from the environment and changes the module for everybody else in the process.
 *
 * Loads the client (half a second, 100 MB), so only the first send imports it, and by the narrowest way in.
 */
import { post, type PostRequest, type PostResult } from "@candor/backend";
import type { configureAuthMethods } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/auth.js";
import type { Configuration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js";
import type { HttpLibrary, ResponseContext } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/http.js";
import type { ServerConfiguration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js";
import type { LogsApi } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js";
import type { LogEntry } from "./encode.ts";

/** Where and how to send; the body is the entries. */
type SubmitRequest = Omit<PostRequest, "body"> & { readonly url: URL };

/** Sends entries in one request. Rejects when the client makes none: it is another one than this backend knows. */
type Submit = (entries: readonly LogEntry[], apiKey: string, request: SubmitRequest) => Promise<PostResult>;

/** The client, or why it cannot be used: plain words for `telemetry status`. */
export type OfficialClient = { readonly status: "loaded"; readonly submit: Submit } | { readonly status: "unusable"; readonly reason: string };

/** What is used of the client. */
interface ClientParts {
  readonly LogsApi: typeof LogsApi;
  readonly Configuration: typeof Configuration;
  readonly configureAuthMethods: typeof configureAuthMethods;
  readonly ServerConfiguration: typeof ServerConfiguration;
  readonly ResponseContext: typeof ResponseContext;
}

const ADVICE = 'install @datadog/datadog-api-client@1 beside the tool, or leave out client: "official"';

/** Loads the client that the tool's author has installed. Never rejects. */
export async function loadOfficialClient(): Promise<OfficialClient> {
  try {
    // Literal names, so that a bundler finds the client; and a `catch` at each, so that esbuild goes on without it.
    const [logs, configuration, auth, servers, http] = await Promise.all([
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js").catch(pass),
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js").catch(pass),
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/auth.js").catch(pass),
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js").catch(pass),
      import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/http.js").catch(pass),
    ]);
    return { status: "loaded", submit: submitBy({ ...logs, ...configuration, ...auth, ...servers, ...http }) };
  } catch (error) {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    const isMissing = code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
    return { status: "unusable", reason: `Datadog's client ${isMissing ? "is not installed" : "could not be loaded"}: ${ADVICE}` };
  }
}

/** Hands an error on. */
function pass(error: unknown): never {
  throw error;
}

function submitBy(client: ClientParts): Submit {
  return async (entries, apiKey, request) => {
    let result: PostResult | undefined;
    const transport: HttpLibrary = {
      async send(written) {
        const body = written.getBody();
        if (typeof body !== "string") throw new TypeError("the client wrote no text");
        // Our headers come last: with them go the address and the sender's name.
        result = await post({ ...request, body, headers: { ...written.getHeaders(), ...request.headers } });
        // What the client thinks of the answer is not asked, so that it has nothing to refuse or to print.
        const nothing = { text: async () => "{}", binary: async () => Buffer.from("{}") };
        return new client.ResponseContext(202, { "content-type": "application/json" }, nothing);
      },
    };
    const server = new client.ServerConfiguration(request.url.origin, {});
    const keys = client.configureAuthMethods({ apiKeyAuth: apiKey });
    const configuration = new client.Configuration(server, 0, {}, transport, keys, {}, false, false, undefined, undefined, undefined, {});
    // Whatever the client trips over once Datadog has answered, the answer stands.
    await new client.LogsApi(configuration).submitLog({ body: entries.map(toLogItem) }).catch(() => undefined);
    if (result === undefined) throw new Error("the client made no request");
    return result;
  };
}

/** The client knows five fields by name and writes the rest after them. */
function toLogItem({ ddsource, ddtags, hostname, message, service, ...additionalProperties }: LogEntry) {
  return { ddsource, ddtags, hostname, message, service, additionalProperties };
}
