/**
 * A real collector for one test: a process with files from `configurations/` laid over one another, on ports of its own,
 * writing into a directory of its own. It may be stopped, killed and started again at the same place. Nothing of it
 * outlives `dispose`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type CollectedRecord, readRecords } from "./collected-records.ts";
import { findCollector } from "./collector-binary.ts";

export interface CollectorOptions {
  /** Names in `configurations/` without `.yaml`; later ones win. */
  readonly configurations: readonly string[];
  /** Values for the configurations' `${env:…}`, beside those that the collector's own place gives. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface RunningCollector {
  /** `127.0.0.1:<port>` of the OTLP receiver; the same after every start. */
  readonly address: string;
  /** A private directory, removed by `dispose`. */
  readonly directory: string;
  /** The file exporter's file. */
  readonly archive: string;
  readonly processId: number | undefined;
  /** What the file exporter has written, over all starts. */
  records(fromByte?: number): readonly CollectedRecord[];
  /** Starts it again; `changes` override the variables from now on. Resolves when it is ready. */
  start(changes?: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves when it is ready: at once while it runs, after the next `start` while it does not. */
  untilReady(): Promise<void>;
  /** Ends it as a service manager does (SIGTERM); resolves at its end. */
  stop(): Promise<void>;
  /** Ends it as a crash does (SIGKILL); resolves at its end. */
  kill(): Promise<void>;
  restart(changes?: Readonly<Record<string, string>>): Promise<void>;
  dispose(): Promise<void>;
}

const READY_LIMIT_MS = 15_000;
const LOOK_MS = 10;
/** Between finding a port free and taking it, somebody else may. */
const PORT_ATTEMPTS = 3;
const KEPT_LOG_CHARACTERS = 64 * 1024;

interface Place {
  readonly address: string;
  readonly health: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Starts a collector and waits until it is ready. @throws with the collector's own log when it does not come up. */
export async function startCollector({ configurations, variables = {} }: CollectorOptions): Promise<RunningCollector> {
  const binary = findCollector();
  if (binary.status !== "built") throw new Error("the collector is not built: run node test-collector/build.mjs");
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "candor-collector-")));
  const archive = join(directory, "events.json");
  const args = configurations.map((name) => `--config=${join(__dirname, "configurations", `${name}.yaml`)}`);
  let place = await findPlace(directory, archive);
  let current: Readonly<Record<string, string>> = variables;
  let child: ChildProcess | undefined;
  let log = "";
  let ready = newGate();

  const launch = async (): Promise<void> => {
    log = "";
    const started = spawn(binary.path, args, { cwd: directory, env: { ...place.variables, ...current }, stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    started.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-KEPT_LOG_CHARACTERS);
    });
    started.once("exit", () => {
      if (child === started) child = undefined;
    });
    const endsAtMs = performance.now() + READY_LIMIT_MS;
    while (!(await isHealthy(place.health))) {
      if (child !== started) throw new Error(`the collector ended instead of starting:\n${log}`);
      if (performance.now() > endsAtMs) throw new Error(`the collector was not ready within ${READY_LIMIT_MS} ms:\n${log}`);
      await pause(LOOK_MS);
    }
    ready.open();
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    if (!running) return;
    ready = newGate();
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await ended;
  };

  for (let attempt = 1; ; attempt++) {
    try {
      await launch();
      break;
    } catch (error) {
      await end("SIGKILL");
      if (attempt === PORT_ATTEMPTS || !log.includes("address already in use")) {
        rmSync(directory, { recursive: true, force: true });
        throw error;
      }
      place = await findPlace(directory, archive);
    }
  }

  const collector: RunningCollector = {
    address: place.address,
    directory,
    archive,
    get processId() {
      return child?.pid;
    },
    records: (fromByte) => readRecords(archive, fromByte),
    async start(changes = {}) {
      current = { ...current, ...changes };
      await launch();
    },
    untilReady: () => ready.opened,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart(changes) {
      await collector.stop();
      await collector.start(changes);
    },
    async dispose() {
      await end("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return collector;
}

function newGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function findPlace(directory: string, archive: string): Promise<Place> {
  const [receiver, healthCheck, metrics] = await freePorts(3);
  const address = `127.0.0.1:${receiver}`;
  const health = `127.0.0.1:${healthCheck}`;
  return {
    address,
    health,
    variables: {
      COLLECTOR_ENDPOINT: address,
      COLLECTOR_HEALTH: health,
      COLLECTOR_METRICS_PORT: String(metrics),
      COLLECTOR_ARCHIVE: archive,
      COLLECTOR_QUEUE: join(directory, "queue"),
    },
  };
}

/** Ports that the system had free a moment ago, all different. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise<Server>((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(server));
    })),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function isHealthy(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`http://${address}/`, { agent: false }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode === 200));
    });
    request.once("error", () => resolve(false));
  });
}
