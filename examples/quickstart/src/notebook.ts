/**
 * The notebook: a directory of notes. The only file that reads and writes the disk. A file that is no note is listed as
 * broken and never changed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileNameOf, formatNote, type Note, parseNote, type ParsedNote } from "./note.ts";

/** One Markdown file of the directory. */
interface Page {
  /** Path of the file, for people. */
  readonly file: string;
  readonly text: string;
  readonly parsed: ParsedNote;
}

export interface Notebook {
  readonly directory: string;
  /** Every Markdown file by name; none when the directory does not exist. */
  pages(): readonly Page[];
  /** Writes a new note and answers its file. @throws when the title cannot name a file, or is taken. */
  add(note: Note): string;
  /** Adds a tag to the note of this title and answers its file. @throws when there is no such note, or it is broken. */
  tag(title: string, tag: string): string;
}

/** Answers the notebook the user chose with `--dir`; to be called once the command line has been read. */
export type ChosenNotebook = () => Notebook;

/** The notebook in a directory; touches no disk. */
export function openNotebook(directory: string): Notebook {
  const pathOf = (title: string): string => {
    const name = fileNameOf(title);
    if (name === undefined) throw new Error(`"${title}" has no letter or digit to name a file with`);
    return join(directory, name);
  };
  const write = (file: string, note: Note, flag: "w" | "wx"): string => {
    const text = formatNote(note);
    const parsed = parseNote(text);
    if (parsed.status === "broken") throw new Error(parsed.reason);
    writeFileSync(file, text, { flag });
    return file;
  };

  return {
    directory,
    pages() {
      if (!existsSync(directory)) return [];
      const names = readdirSync(directory).filter((name) => name.endsWith(".md")).toSorted();
      return names.map((name) => readPage(join(directory, name)));
    },
    add(note) {
      const file = pathOf(note.title);
      if (existsSync(file)) throw new Error(`${file} exists already`);
      mkdirSync(directory, { recursive: true });
      return write(file, note, "wx");
    },
    tag(title, tag) {
      const file = pathOf(title);
      if (!existsSync(file)) throw new Error(`there is no note "${title}"`);
      const { parsed } = readPage(file);
      if (parsed.status === "broken") throw new Error(`${file} is broken: ${parsed.reason}`);
      const { note } = parsed;
      return write(file, { ...note, tags: [...new Set([...note.tags, tag])] }, "w");
    },
  };
}

function readPage(file: string): Page {
  const text = readFileSync(file, "utf8");
  return { file, text, parsed: parseNote(text) };
}
