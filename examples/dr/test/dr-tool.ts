/** The tool under test: a built copy of dr, in a home and a project of its own, with a fake Amplitude and a fake DataRobot instance. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AmplitudeIntake, processesIn, type ProcessResult, runProcess, type RunningProcess, type RunOptions, startAmplitudeIntake, startProcess, temporaryHome, type TemporaryHome, waitUntil } from "@candor/testing";
import { type DataRobotApi, startDataRobotApi } from "../fakes/datarobot-api.ts";

const EXAMPLE = join(__dirname, "..");

/** The builds as `npm run build` leaves them. */
export const RELEASE = join(EXAMPLE, "dist/dr-release.mjs");
export const DEVELOPMENT = join(EXAMPLE, "dist/dr.mjs");

/** What travels in the background is waited for so long. */
const LIMIT_MS = 20_000;

export const ANN = { token: "token-of-ann", account: { uid: "uid-of-ann", orgId: "parakeet", tenantId: "parakeet-jones" } };
export const BOB = { token: "token-of-bob", account: { uid: "uid-of-bob", orgId: "budgie", tenantId: null } };

export interface DrRun extends Pick<RunOptions, "signalAfter"> {
  readonly variables?: Readonly<Record<string, string>>;
  readonly script?: string;
}

export interface DrTool {
  readonly home: TemporaryHome;
  /** The project: the directory in which the tool runs. */
  readonly project: TemporaryHome;
  readonly amplitude: AmplitudeIntake;
  readonly api: DataRobotApi;
  /** Runs `dr` with these arguments to its end. */
  run(args: readonly string[], options?: DrRun): Promise<ProcessResult>;
  start(args: readonly string[], options?: DrRun): RunningProcess;
  /** The events that Amplitude has, once there are `count`. */
  events(count: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Resolves once the file with the account is there and holds `uid`. */
  cached(uid: string): Promise<unknown>;
  /** Resolves once no uploader of the tool is at work. */
  quiet(): Promise<unknown>;
  dispose(): Promise<void>;
}

export interface DrToolOptions {
  /** drconfig.yaml; `{api}` stands for the instance. Default: signed in as Ann, telemetry allowed. */
  readonly config?: string;
  readonly project?: Readonly<Record<string, string>>;
}

const SIGNED_IN = `# written by hand\nendpoint: {api}/api/v2\ntoken: ${ANN.token}\ntelemetry:\n  enabled: true\n`;

/** Sets the tool up. */
export async function openDr({ config = SIGNED_IN, project = {} }: DrToolOptions = {}): Promise<DrTool> {
  const amplitude = await startAmplitudeIntake({ apiKey: "AMPLITUDE_API_KEY" });
  const api = await startDataRobotApi({ [ANN.token]: ANN.account, [BOB.token]: BOB.account });
  const home = temporaryHome({ ".config/datarobot/drconfig.yaml": config.replaceAll("{api}", api.url) });
  const desk = temporaryHome(project);
  const environmentOf = ({ variables = {} }: DrRun): Record<string, string> => ({
    ...home.environment,
    SHELL: "/bin/zsh",
    LANG: "en_US.UTF-8",
    DR_TELEMETRY_ENDPOINT: `${amplitude.url}/2/httpapi`,
    // A person's machine uploads at most every ten seconds; a test has no time for that.
    DR_UPLOAD_INTERVAL_MS: "0",
    ...variables,
  });
  const tool: DrTool = {
    home,
    project: desk,
    amplitude,
    api,
    run(args, options = {}) {
      const { variables: _variables, script = RELEASE, ...rest } = options;
      return runProcess(process.execPath, [script, ...args], { environment: environmentOf(options), cwd: desk.path, ...rest });
    },
    start: (args, options = {}) => startProcess(process.execPath, [options.script ?? RELEASE, ...args], { environment: environmentOf(options), cwd: desk.path }),
    async events(count) {
      await waitUntil(`Amplitude has ${count} events`, () => amplitude.accepted.length >= count, LIMIT_MS);
      return amplitude.accepted;
    },
    cached(uid) {
      const file = join(home.path, ".config/datarobot/user_id");
      return waitUntil(`${uid} is cached`, () => existsSync(file) && readFileSync(file, "utf8").includes(uid), LIMIT_MS);
    },
    quiet: () => waitUntil("no uploader is at work", () => processesIn(home.path).length === 0, LIMIT_MS),
    async dispose() {
      await tool.run(["self", "telemetry", "disable"]);
      await tool.quiet();
      await amplitude.close();
      await api.close();
      desk.dispose();
      home.dispose();
    },
  };
  return tool;
}
