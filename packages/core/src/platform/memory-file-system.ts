/**
 * The file system in memory: where the spool lies when no disk can be used. Events that no disk takes then go the same way
 * as all others, with the same acknowledgements, and are gone with the process. It knows files and directories only.
 */
import type { Stats } from "node:fs";
import type { FileSystem } from "./ports.ts";

interface Node {
  readonly directory: boolean;
  content: Buffer;
  readonly createdAtMs: number;
}

/** An empty file system in memory. Only what candor calls is there, in the forms in which it calls it. */
export function createMemoryFileSystem(now: () => number, userId: number | undefined): FileSystem {
  const nodes = new Map<string, Node>();
  const descriptors = new Map<number, string>();
  let nextDescriptor = 1;

  const fail = (code: string, path: string): never => {
    throw Object.assign(new Error(`${code}: ${path}`), { code });
  };
  const nodeAt = (path: string): Node => nodes.get(path) ?? fail("ENOENT", path);
  const below = (path: string): string[] => [...nodes.keys()].filter((other) => isBelow(other, path));
  const create = (path: string, exclusive: boolean): Node => {
    const existing = nodes.get(path);
    if (existing && exclusive) return fail("EEXIST", path);
    const node = existing ?? { directory: false, content: Buffer.alloc(0), createdAtMs: now() };
    nodes.set(path, node);
    return node;
  };
  const statsOf = (node: Node): Stats =>
    ({
      isFile: () => !node.directory,
      isDirectory: () => node.directory,
      isSymbolicLink: () => false,
      size: node.content.length,
      mtimeMs: node.createdAtMs,
      mode: 0o700,
      uid: userId ?? 0,
    }) as Stats;
  const look = (path: string): Stats | undefined => {
    const node = nodes.get(path);
    return node && statsOf(node);
  };

  const files = {
    accessSync: () => undefined,
    closeSync: (descriptor: number) => void descriptors.delete(descriptor),
    fstatSync: (descriptor: number) => statsOf(nodeAt(descriptors.get(descriptor) ?? "")),
    ftruncateSync(descriptor: number, length: number) {
      const node = nodeAt(descriptors.get(descriptor) ?? "");
      node.content = node.content.subarray(0, length);
    },
    linkSync(from: string, to: string) {
      if (nodes.has(to)) fail("EEXIST", to);
      nodes.set(to, nodeAt(from));
    },
    lstatSync: look,
    statSync: look,
    mkdirSync: (path: string) => void nodes.set(path, nodes.get(path) ?? { directory: true, content: Buffer.alloc(0), createdAtMs: now() }),
    openSync(path: string, flags: string) {
      create(path, flags.includes("x"));
      descriptors.set(nextDescriptor, path);
      return nextDescriptor++;
    },
    readFileSync: (path: string, encoding?: BufferEncoding) => (encoding ? nodeAt(path).content.toString(encoding) : nodeAt(path).content),
    readdirSync: (path: string) => {
      nodeAt(path);
      return below(path).flatMap((other) => {
        const name = other.slice(path.length + 1);
        return /[\\/]/.test(name) ? [] : [name];
      });
    },
    readlinkSync: (path: string) => fail("EINVAL", path),
    realpathSync: (path: string) => path,
    renameSync(from: string, to: string) {
      const node = nodeAt(from);
      nodes.delete(from);
      nodes.set(to, node);
    },
    rmSync(path: string) {
      for (const other of [path, ...below(path)]) nodes.delete(other);
    },
    rmdirSync(path: string) {
      if (below(path).length > 0) fail("ENOTEMPTY", path);
      nodeAt(path);
      nodes.delete(path);
    },
    unlinkSync(path: string) {
      nodeAt(path);
      nodes.delete(path);
    },
    writeFileSync(path: string, text: string, { flag = "w" }: { flag?: string } = {}) {
      create(path, flag.includes("x")).content = Buffer.from(text);
    },
    writeSync(descriptor: number, data: string | Buffer) {
      const node = nodeAt(descriptors.get(descriptor) ?? "");
      const added = Buffer.from(data as string);
      node.content = Buffer.concat([node.content, added]);
      return added.length;
    },
  };
  return files as unknown as FileSystem;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory) && /^[\\/]/.test(path.slice(directory.length));
}
