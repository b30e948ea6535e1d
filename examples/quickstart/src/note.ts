/**
 * The note: its form as Markdown text. A heading, then an optional line of tags, then the body. Pure; it knows no files.
 */

export interface Note {
  readonly title: string;
  readonly tags: readonly string[];
  readonly body: string;
}

/** What a text turned out to be; `reason` is for people. */
export type ParsedNote = { readonly status: "note"; readonly note: Note } | { readonly status: "broken"; readonly reason: string };

const TAG = /^[\p{L}\p{N}_-]+$/u;

/** Reads a note's text. */
export function parseNote(text: string): ParsedNote {
  const [heading = "", ...rest] = text.trimStart().split(/\r?\n/);
  const title = /^# +(?<title>\S.*)$/.exec(heading)?.groups?.["title"]?.trim();
  if (!title) return { status: "broken", reason: "it does not begin with a heading" };
  const first = rest.findIndex((line) => line.trim() !== "");
  const tagLine = /^Tags:(?<tags>.*)$/.exec(rest[first] ?? "")?.groups?.["tags"];
  const tags = (tagLine ?? "").split(",").flatMap((tag) => tag.trim() || []);
  const wrong = tags.find((tag) => !TAG.test(tag));
  if (wrong !== undefined) return { status: "broken", reason: `"${wrong}" is not a tag` };
  const body = (tagLine === undefined ? rest : rest.slice(first + 1)).join("\n").trim();
  return { status: "note", note: { title, tags, body } };
}

/** Writes a note as text, the form that `parseNote` reads. */
export function formatNote({ title, tags, body }: Note): string {
  const parts = [`# ${title}`, ...(tags.length > 0 ? [`Tags: ${tags.join(", ")}`] : []), ...(body ? [body] : [])];
  return `${parts.join("\n\n")}\n`;
}

/** The name of the file a note of this title is kept in; undefined for a title without a letter or digit. */
export function fileNameOf(title: string): string | undefined {
  const name = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  return name ? `${name.slice(0, 80)}.md` : undefined;
}
