/**
 * The installation: one tool on one machine, as candor sees it: its configuration, its places on disk, its consent
 * now, its id. Everything is worked out when it is asked for; making it touches nothing.
 */
import type { Backend, Logger } from "@candor/backend";
import { type Config, isChoice } from "../config/config.ts";
import type { Settings } from "../config/settings.ts";
import { type ConsentDecision, resolveConsent, toolVariable } from "../consent/consent.ts";
import { type BackendChoice, isBackend, keyOfBackend, keyOfChoice } from "../destination/destination.ts";
import { installationId, type InstallationId, peekInstallationId } from "../identity/installation-id.ts";
import { type Renewal, renewInstallationId } from "../identity/renewal.ts";
import { realMachineSystem } from "../identity/machine-id.ts";
import { type Directories, directoriesFor } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { type Policy, type PolicyFile, readPolicy } from "../policy/policy.ts";
import { type Route, routesFor } from "../destination/routing.ts";
import { createSpool, type Spool } from "../spool/spool.ts";

export interface Installation extends Settings {
  readonly directories: Directories;
  readonly ports: Ports;
  readonly logger: Logger;
  /** Consent at this moment, read anew. */
  readonly consent: () => ConsentDecision;
  /** The id for events; derived and stored at the first call. `localOnly`: they go nowhere but into the local log. */
  readonly identify: (localOnly: boolean) => InstallationId;
  /** The id as it is or would be; writes nothing. */
  readonly peekId: () => InstallationId | undefined;
  /** Retires the id; later events carry another one. */
  readonly renewId: () => Renewal;
  /** The spool for events of this consent. */
  readonly spoolFor: (consentId: string) => Spool;
  /** The machine's policy, read anew. */
  readonly policyFile: () => PolicyFile;
  /** Where events go under this consent, and who decided it. */
  readonly routes: (consent: ConsentDecision) => readonly Route[];
  /** Where events go under this consent. */
  readonly backendsFor: (consent: ConsentDecision) => readonly (BackendChoice | Backend)[];
}

/** Describes one tool on this machine. */
export function createInstallation(settings: Settings, ports: Ports, logger: Logger): Installation {
  const { config, problems } = settings;
  const { tool, consent: consentOptions, directories: overrides, identity } = config;
  const directories = directoriesFor(tool, ports.host, overrides);
  const policyFile = (): PolicyFile => readPolicy(tool, ports);
  const policy = (): Policy | undefined => {
    const file = policyFile();
    return file.status === "applies" ? file.policy : undefined;
  };
  /** A decision and where its events go stand on one reading of the policy; for one that was changed afterwards it is read anew. */
  const policies = new WeakMap<ConsentDecision, Policy | undefined>();
  const decide = (): ConsentDecision => {
    const now = policy();
    const decision = resolveConsent(tool, consentOptions, directories, ports, now);
    policies.set(decision, now);
    return decision;
  };
  const routes = (consent: ConsentDecision): readonly Route[] =>
    routesFor(consent, {
      toolVariable: toolVariable(tool),
      backends: config.backends,
      policy: policies.has(consent) ? policies.get(consent) : policy(),
      environment: ports.host.environment,
      localLog: directories.localLog,
    });
  let id: InstallationId | undefined;
  return {
    config,
    problems,
    directories,
    ports,
    logger,
    policyFile,
    consent: decide,
    identify: (localOnly) => (id ??= installationId(identity, tool, directories, ports, realMachineSystem(), localOnly)),
    peekId: () => id ?? peekInstallationId(identity, tool, directories, ports, realMachineSystem()),
    renewId() {
      id = undefined;
      return renewInstallationId(identity, tool, directories, ports, realMachineSystem());
    },
    spoolFor: (consentId) => createSpool(consentId, directories, config.bounds, ports),
    routes,
    backendsFor: (consent) => routes(consent).map(({ backend }) => backend),
  };
}

/** The journal's key of a backend. */
export function keyOf(backend: BackendChoice | Backend): string {
  return isBackend(backend) ? keyOfBackend(backend) : keyOfChoice(backend);
}

/** Whether only this process can deliver: a live backend, one that writes to its terminal, or one that only its code can load. */
export function needsThisProcess(backends: readonly (BackendChoice | Backend)[], { loaders, delivery }: Config): boolean {
  const ownLoaders = delivery.uploader === "tool" ? {} : loaders;
  return backends.some((backend) => !isChoice(backend) || backend.use === "stdout" || Object.hasOwn(ownLoaders, backend.use));
}

/** GTB's one line on where events go; never a credential. */
export function describeBackends(installation: Installation, consent: ConsentDecision): string {
  const { config, directories, problems } = installation;
  if (problems.length > 0) return "noop (misconfigured)";
  if (!config.enabled || !consent.enabled) return "noop (disabled)";
  const backends = installation.backendsFor(consent);
  if (backends.length === 0) return "noop (no endpoint configured)";
  return backends.map((backend) => describeBackend(backend, directories)).join(", ");
}

/** Options that hold an address, and those by which vendors name one of theirs. */
const ADDRESS_OPTIONS = ["endpoint", "host"] as const;
const REGION_OPTIONS = ["site", "region", "serverZone"] as const;

/** `http (https://…)`, `file (/…)`, `datadog (datadoghq.eu)`, `custom`. */
export function describeBackend(backend: BackendChoice | Backend, { localLog }: Directories): string {
  if (isBackend(backend)) return "custom";
  if (backend.use === "file") return `file (${typeof backend["path"] === "string" ? backend["path"] : localLog})`;
  const [address] = ADDRESS_OPTIONS.flatMap((option) => (typeof backend[option] === "string" ? [withoutSecrets(backend[option])] : []));
  const place = address ?? REGION_OPTIONS.map((option) => backend[option]).find((region) => typeof region === "string");
  return typeof place === "string" ? `${backend.use} (${place})` : backend.use;
}

function withoutSecrets(endpoint: string): string {
  try {
    const { protocol, origin, pathname } = new URL(endpoint);
    // `collector:4318` is a URL too, whose scheme is `collector` and whose origin is the word null.
    if (protocol !== "https:" && protocol !== "http:") return "invalid endpoint";
    return pathname === "/" ? origin : `${origin}${pathname}`;
  } catch {
    return "invalid endpoint";
  }
}
