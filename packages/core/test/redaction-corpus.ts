/**
 * The redaction corpus, filled in: what must not be seen in an event, and what must survive. Nothing in `redaction-corpus.json`
 * is a key of anybody's: bodies are drawn from a fixed seed, `{A36}` being 36 characters of the alphabet `A`. A secret stands
 * between « and ».
 */

/** A text, or a command's arguments. */
export type Sample = string | readonly string[];

type Templates = Readonly<Record<string, readonly Sample[]>>;

/** Templates by kind; those that the rules are known to get wrong by the reason. */
export interface Corpus {
  readonly secrets: Templates;
  readonly missed: Templates;
  readonly ordinary: Templates;
  readonly lost: Templates;
}

export interface SecretSample {
  readonly kind: string;
  /** With the marks taken out. */
  readonly input: Sample;
  readonly secrets: readonly string[];
  /** Why the rules do not find it, for what is known to be missed. */
  readonly missed?: string;
}

export interface OrdinarySample {
  readonly kind: string;
  readonly input: Sample;
  /** Why the rules take it for a secret, for what is known to be lost. */
  readonly lost?: string;
}

/** How often each template is filled. */
const FILLS = 5;

const ALPHABETS: Readonly<Record<string, string>> = {
  /** Base62. */
  A: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  a: "abcdefghijklmnopqrstuvwxyz0123456789",
  U: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
  h: "0123456789abcdef",
  d: "123456789",
  /** Base64url. */
  w: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
  b: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  /** What a password generator draws from. */
  p: "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$%*+",
};

/** Every secret, filled in. */
export function secretSamples({ secrets, missed: known }: Corpus): SecretSample[] {
  const draw = generator(1);
  return [
    ...entriesOf(secrets, draw).map(([kind, sample]) => ({ kind, ...unmarked(sample) })),
    ...entriesOf(known, draw).map(([missed, sample]) => ({ kind: "known to be missed", missed, ...unmarked(sample) })),
  ];
}

/** Everything ordinary, filled in. */
export function ordinarySamples({ ordinary, lost: known }: Corpus): OrdinarySample[] {
  const draw = generator(2);
  return [
    ...entriesOf(ordinary, draw).map(([kind, input]) => ({ kind, input })),
    ...entriesOf(known, draw).map(([lost, input]) => ({ kind: "known to be lost", lost, input })),
  ];
}

/** Answers whether any eight characters in a row of a secret, or all of a shorter one, can be read in the output. */
export function showsSecret(output: Sample, secret: string): boolean {
  const text = typeof output === "string" ? output : output.join(" ");
  const width = Math.min(8, secret.length);
  return Array.from({ length: secret.length - width + 1 }, (_, start) => secret.slice(start, start + width)).some((part) => text.includes(part));
}

function entriesOf(templates: Templates, draw: () => number): [string, Sample][] {
  return Object.entries(templates).flatMap(([kind, list]) =>
    list.flatMap((template) => {
      const isFixed = !/\{(?:[A-Za-z]\d+|uuid)\}/.test(String(template));
      return Array.from({ length: isFixed ? 1 : FILLS }, (): [string, Sample] => [kind, each(template, (text) => filled(text, draw))]);
    }),
  );
}

function unmarked(sample: Sample): { input: Sample; secrets: string[] } {
  const text = typeof sample === "string" ? sample : sample.join("\n");
  return { input: each(sample, (part) => part.replace(/[«»]/g, "")), secrets: [...text.matchAll(/«([^»]+)»/g)].map(([, secret = ""]) => secret) };
}

function filled(template: string, draw: () => number): string {
  const characters = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(draw() * alphabet.length))).join("");
  return template
    .replaceAll("{uuid}", () => [8, 4, 4, 4, 12].map((length) => characters("0123456789abcdef", length)).join("-"))
    .replace(/\{([A-Za-z])(\d+)\}/g, (match, name: string, length: string) => (ALPHABETS[name] ? characters(ALPHABETS[name], Number(length)) : match));
}

function each(sample: Sample, change: (text: string) => string): Sample {
  return typeof sample === "string" ? change(sample) : sample.map(change);
}

/** Numbers in [0, 1), the same in every run: mulberry32, by Tommy Ettinger, in the public domain. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
