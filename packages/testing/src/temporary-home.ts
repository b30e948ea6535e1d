/**
 * A home directory for one test: a private temporary tree and an environment in which a child process
 * sees nothing of the developer's own. Only variables a process needs to run at all are passed on, so
 * that neither CI, DO_NOT_TRACK, TELEMETRY_*, NODE_OPTIONS, proxies nor a vendor's variables leak in.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";

/** What a process needs to start; upper case, compared without case as Windows does. */
const PASSED_ON = new Set(["PATH", "PATHEXT", "SYSTEMROOT", "COMSPEC", "WINDIR", "TEMP", "TMP", "TMPDIR", "LANG", "TZ", "NODE_V8_COVERAGE"]);

export interface TemporaryHome {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** A complete environment for a child process whose home is `path`. */
  readonly environment: Readonly<Record<string, string>>;
  /** The text of a file below the home; throws when there is none. */
  read(path: string): string;
  /** Every file below the home, sorted, with `/` between the parts. */
  list(): readonly string[];
  /** Removes the home, directories made read-only by the test included. May be called more than once. */
  dispose(): void;
}

/**
 * Makes a home. `tree` maps paths below it to contents: `{ ".config/notes/config.json": "{}" }`; a path
 * that ends in `/` is an empty directory. A path that leaves the home throws.
 */
export function temporaryHome(tree: Readonly<Record<string, string>> = {}): TemporaryHome {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "candor-home-")));

  function inside(path: string): string {
    const absolute = resolve(home, path);
    if (!absolute.startsWith(home + sep)) throw new Error(`${path} is not below the temporary home`);
    return absolute;
  }

  try {
    for (const [path, content] of Object.entries(tree)) {
      const absolute = inside(path);
      mkdirSync(path.endsWith("/") ? absolute : dirname(absolute), { recursive: true, mode: 0o700 });
      if (!path.endsWith("/")) writeFileSync(absolute, content, { mode: 0o600 });
    }
  } catch (error) {
    // The caller gets no home to dispose of.
    remove(home);
    throw error;
  }

  return {
    path: home,
    environment: environmentFor(home),
    read: (path) => readFileSync(inside(path), "utf8"),
    list: () => filesBelow(home).map((path) => relative(home, path).split(sep).join("/")).sort(),
    dispose: () => remove(home),
  };
}

function environmentFor(home: string): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && PASSED_ON.has(name.toUpperCase())) environment[name] = value;
  }
  return {
    ...environment,
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_STATE_HOME: join(home, ".local", "state"),
    XDG_DATA_HOME: join(home, ".local", "share"),
    XDG_CACHE_HOME: join(home, ".cache"),
    APPDATA: join(home, "AppData", "Roaming"),
    LOCALAPPDATA: join(home, "AppData", "Local"),
  };
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function remove(home: string): void {
  try {
    rmSync(home, { recursive: true, force: true });
  } catch {
    // A test that made a directory read-only may have left it so; the second attempt reports for good.
    unlock(home);
    rmSync(home, { recursive: true, force: true });
  }
}

function unlock(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) unlock(join(directory, entry.name));
  }
}
