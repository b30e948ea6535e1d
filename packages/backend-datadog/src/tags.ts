/**
 * Tags by Datadog's rules. A tag is `key:value`, and a log's tags are one text with commas between them, so
 * what an event says must not be able to end its tag and begin another. Pure. The exact value is never lost:
 * it stands beside the tags as an attribute.
 *
 * The rules (Datadog, "Getting started with tags"): lower case; letters of any script, digits, `_`, `-`, `:`,
 * `.` and `/`, all else becomes `_`; at most 200 characters; no colon at the end.
 */

const MAX_TAG_CHARACTERS = 200;

/** One tag; empty when there is no value to tag with. `key` must be valid already. */
export function formatTag(key: string, value: string): string {
  // Cut before the change too, so that a huge value costs no more than a long one.
  const allowed = value.slice(0, MAX_TAG_CHARACTERS).toLowerCase().replaceAll(/[^\p{L}\p{N}_\-:./]/gu, "_");
  const characters = Array.from(allowed).slice(0, MAX_TAG_CHARACTERS - key.length - 1);
  const text = characters.join("").replace(/:+$/u, "_");
  return text === "" ? "" : `${key}:${text}`;
}

/** Tags as the text of `ddtags`. */
export function joinTags(tags: readonly string[]): string {
  return tags.filter((tag) => tag !== "").join(",");
}
