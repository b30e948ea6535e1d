/**
 * Routing: where events go, and who decided it: operations by the policy, the user by a variable, or the tool's author. It
 * loads no backend and reads no secret; it only chooses.
 */
import type { Backend } from "@candor/backend";
import type { ConsentDecision } from "../consent/consent.ts";
import { isChoice } from "../config/config.ts";
import { type BackendChoice, isBackend, keyOfBackend, keyOfChoice } from "./destination.ts";
import { fromStandardEnvironment, parseHeaderList } from "./otlp-environment.ts";
import type { Policy } from "../policy/policy.ts";

export interface Route {
  readonly backend: BackendChoice | Backend;
  readonly decidedBy: "policy" | "user" | "author";
}

export interface RoutingInput {
  readonly toolVariable: string;
  readonly backends: readonly (BackendChoice | Backend)[];
  readonly policy: Policy | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly localLog: string;
}

/** The destinations under a consent. */
export function routesFor({ localOnly, localBy }: Pick<ConsentDecision, "localOnly" | "localBy">, input: RoutingInput): Route[] {
  if (localOnly) return [{ backend: { use: "file", path: input.localLog }, decidedBy: localBy === "policy" ? "policy" : "user" }];
  const { policy, environment } = input;
  const own: Route[] = (policy?.backend ?? []).map((backend) => ({ backend, decidedBy: "policy" }));
  const tool = toolRoutes(input);
  const routes = own.length > 0 && policy?.routing === "replace" ? own : [...tool, ...own];
  return distinct(routes).map(({ backend, decidedBy }) => ({ backend: completed(backend, policy, environment), decidedBy }));
}

/** The same destination may be the author's and the policy's. */
function distinct(routes: readonly Route[]): readonly Route[] {
  if (routes.length < 2) return routes;
  const keys = routes.map(({ backend }) => (isChoice(backend) ? keyOfChoice(backend) : keyOfBackend(backend)));
  return routes.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}

/** The user's own collector stands in place of the author's destinations. */
function toolRoutes({ toolVariable, backends, environment }: RoutingInput): Route[] {
  const endpoint = environment[`${toolVariable}_OTLP_ENDPOINT`];
  if (endpoint) {
    const headers = parseHeaderList(environment[`${toolVariable}_OTLP_HEADERS`]);
    return [{ backend: { use: "otlp", endpoint, ...(headers ? { headers } : {}) }, decidedBy: "user" }];
  }
  return backends.filter(isConfigured).map((backend) => ({ backend, decidedBy: "author" }));
}

function completed(backend: BackendChoice | Backend, policy: Policy | undefined, environment: NodeJS.ProcessEnv): BackendChoice | Backend {
  if (!isChoice(backend) || backend.use !== "otlp") return backend;
  const { useStandardEnvironment, ...choice } = backend;
  const standard = useStandardEnvironment === true ? fromStandardEnvironment(environment) : {};
  const attributes = { ...(choice["resourceAttributes"] as object | undefined), ...policy?.resourceAttributes };
  // The author's headers are for the author's endpoint.
  const { headers, ...rest } = choice;
  const own = headers !== undefined && standard["endpoint"] === undefined ? { headers } : {};
  return { ...rest, ...own, ...standard, ...(Object.keys(attributes).length > 0 ? { resourceAttributes: attributes } : {}) };
}

/**
 * An empty endpoint or key is how a development build says that it has none: a dry run. So is a key from a variable that is not set; a
 * choice that does not mention its key at all is a mistake, of which the backend tells.
 */
export function isConfigured(backend: BackendChoice | Backend): boolean {
  if (isBackend(backend)) return true;
  return backend["endpoint"] !== "" && backend["apiKey"] !== "" && !("apiKey" in backend && backend["apiKey"] === undefined);
}
