import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { credentialShapes } from "../src/redaction/credential-shapes.ts";
import { personalShapes } from "../src/redaction/personal-shapes.ts";
import { createRedactor } from "../src/redaction/redaction.ts";
import { announcedRules, enclosedRules } from "../src/redaction/redaction-rules.ts";
import { vectorsOf } from "./vectors.ts";

const { text: redact, args: redactArguments, error: redactError } = createRedactor();

/** Pieces that make rules meet: names, separators, quotes, masks and whole secrets. */
const PIECES = [
  ..."password|token|api_key|auth|Authorization|cookie|:|=| |\"|'|\\|\\\"|--|-|&|Bearer |eyJ|.|a|A1b2|://|@|/|/home/|C:\\Users\\".split("|"),
  ..."***|<redacted>|<redacted-token>|~|sk-|ghp_|abcdefghijklmnopqrstuvwxyz012345|,|;|\n|=>|digest x=\"|a@b.co|%40|1.2|é|\uD800".split("|"),
  "-----BEGIN PRIVATE KEY-----",
  "a".repeat(43),
];
const text = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join("")));

/** Every way a secret is announced or shaped. */
const PLANTS: readonly ((secret: string) => string)[] = [
  (secret) => `password=${secret}`,
  (secret) => `password: ${secret}`,
  (secret) => `password = "${secret}"`,
  (secret) => `--password ${secret}`,
  (secret) => `--api-key=${secret}`,
  (secret) => `{"password":"${secret}","user":"x"}`,
  (secret) => `{\\"secret\\":\\"${secret}\\"}`,
  (secret) => `'clientSecret' => '${secret} ${secret}'`,
  (secret) => `DB_TOKEN=${secret}`,
  (secret) => `X-Api-Key: ${secret}`,
  (secret) => `Authorization: Bearer ${secret}`,
  (secret) => `Authorization: Basic ${secret}`,
  (secret) => `Authorization: ${secret}`,
  (secret) => `Cookie: a=b; session=${secret}`,
  (secret) => `Bearer ${secret}`,
  (secret) => `https://${secret}@github.com/x`,
  (secret) => `https://user:${secret}@host/x`,
  (secret) => `postgres://u:${secret}@db/x`,
  (secret) => `postgres://u:p/${secret}@db/x`,
  (secret) => `redis://:${secret}@cache:6379`,
  (secret) => `mongodb+srv://u:p@${secret}@cluster/x`,
  (secret) => `amqp://u:${secret}@mq`,
  (secret) => `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
  (secret) => `eyJhbGciOiJIUzI1NiJ9.${secret}.${secret}`,
  (secret) => `ghp_${secret.repeat(4)}`,
  (secret) => `sk-${secret.repeat(2)}`,
  (secret) => `sk_live_${secret}`,
  (secret) => `xoxb-${secret}-1`,
  (secret) => `npm_${secret.repeat(4)}`,
  (secret) => `SharedAccess;AccountKey=${secret}==`,
  (secret) => secret.repeat(5),
];
const secretText = fc.string({ unit: fc.constantFrom(...Array.from("bcdfghjkmnpqrstvwxz23456789")), minLength: 10, maxLength: 12 }).map((body) => `Q7${body}`);

describe("redaction", () => {
  it.each(vectorsOf<string, string>("gtb.redact"))("$id answers as GTB does", ({ input, expected }) => {
    expect(redact(input)).toBe(expected);
  });

  it.each(vectorsOf<string, string>("ours.redact_must_not_contain"))("$id hides what GTB leaks", ({ input, expected }) => {
    expect(redact(input)).not.toContain(expected);
  });

  it("never shows a planted secret, whatever stands around it", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...PLANTS), secretText, text, (before, plant, secret, after) => {
        expect(redact(`${before}\n${plant(secret)} ${after}`)).not.toContain(secret);
      }),
      { numRuns: 3_000 },
    );
  });

  it("is total and idempotent", () => {
    fc.assert(
      fc.property(text, (input) => {
        const once = redact(input);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(["null", "7", "{}", "[]"])("answers an empty text for %s, which is none", (json) => {
    expect(redact(JSON.parse(json))).toBe("");
  });

  it.each(["a", "eyJ.", "eyJa", "eyJa.", "=", "key=", "key= ", "://a:", "a@", "a.", "-", "--token ", 'password="', "Bearer ", "authorization: ", "\\", "/home/", "eyJa.--", "1.2.3.4.", "ab:", "~a", "-u ", "<a>", "sk-", "a/B1+", "x:y@"])(
    "takes linear time on a megabyte of %p",
    (unit) => {
      // Quadratic work on a megabyte would take minutes; `scripts/redaction-report.mjs --linearity` measures how time grows.
      const input = unit.repeat(Math.ceil(1_000_000 / unit.length));
      expect(redact(input).length).toBeLessThanOrEqual(input.length);
    },
  );

  it.each([
    "at commit 7a5c45f3b8a9e7d2a1c6b4e3d9f8a7c5b2d4e6f1",
    "run 550e8400-e29b-41d4-a716-446655440000 of v1.2.3-rc.1+build.5",
    "2024-01-02T03:04:05.678Z took 12 ms",
    "deploy --env production --max-tokens 512 -v ./src/index.ts",
    "/usr/local/lib/node_modules/npm/bin/npm-cli.js:12:3",
    "git@github.com:owner/repository.git",
    "npm install lodash@4.17.21-rc.alpha @scope/pkg@1.0.0",
    "https://registry:4873/@scope/pkg@1.0",
    "https://example.com/home/page?sort=asc#top",
    "monkey=banana author=bob bypass=1 tokenizer: fast",
    "the bearer token is missing; basic example failed, password reset needed",
    "token count: 512, max_tokens: 4096",
    "------------------------------------------------------------",
  ])("leaves ordinary text alone: %s", (ordinary) => {
    expect(redact(ordinary)).toBe(ordinary);
  });

  it.each([
    ['{"password":"x y","user":"z"}', '{"password":"***","user":"z"}'],
    ['{"token":"a\\"b c","n":1}', '{"token":"***","n":1}'],
    ['{\\"password\\":\\"x\\",\\"n\\":1}', '{\\"password\\":\\"***\\",\\"n\\":1}'],
    ["error: bad token: password: hunter2 end", "error: bad token: password: *** end"],
    ["--token --password hunter2", "--token --password ***"],
    ["user[password]=x&user[name]=y", "user[password]=***&user[name]=y"],
    ["GITHUB_TOKEN=abc deploy", "GITHUB_TOKEN=*** deploy"],
    ['Authorization: Digest username="alice", response="f00"', "Authorization: Digest ***"],
    ["Proxy-Authorization: opaque", "Proxy-Authorization: ***"],
    ["Basic dXNlcjpwYXNz", "Basic ***"],
    ["Bearer ghp_abcdefghijklmnopqrstuvwxyz012345", "Bearer ghp_***"],
    ["AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE", "AKIA*** ASIA***"],
    ["rk_live_abcdefghij0123", "rk_live_***"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY----- rest", "<redacted-private-key> rest"],
    ["-----BEGIN PRIVATE KEY-----\nMIIE", "<redacted-private-key>"],
    ["mail alice.o+x@example.co.uk or bob%40example.com", "mail <redacted-email> or <redacted-email>"],
    ["open /home/alice/x: ENOENT", "open ~/x: ENOENT"],
    ["/Users/alice and file:///Users/bob/y", "~ and file://~/y"],
    ["/mnt/c/Users/alice/z /var/home/alice/z", "~/z ~/z"],
    ["C:\\Users\\Alice Smith\\x and C:\\Users\\bob", "~\\x and ~"],
    ['{"path":"C:\\\\Users\\\\alice\\\\x"}', '{"path":"~\\\\x"}'],
  ])("turns %s into %s", (input, expected) => {
    expect(redact(input)).toBe(expected);
  });

  it("never loses a match to the hint of its rule", () => {
    const shapes = [...enclosedRules(), ...credentialShapes(), ...personalShapes()];
    fc.assert(
      fc.property(fc.oneof(text, fc.tuple(fc.constantFrom(...PLANTS), secretText).map(([plant, secret]) => plant(secret))), (input) => {
        const blind = [
          ...shapes.filter(({ hint, pattern }) => input.search(pattern) >= 0 && !hint.test(input)),
          ...announcedRules().filter(({ hint, sign, announces }) => !hint.test(input) && [...input.matchAll(sign)].some(([, name = ""]) => announces(name))),
        ];
        expect(blind.map(({ name }) => name)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("redaction of arguments", () => {
  it.each(vectorsOf<readonly string[], string>("ours.redact_args_must_not_contain"))("$id hides what GTB leaks", ({ input, expected }) => {
    expect(redactArguments(input).join(" ")).not.toContain(expected);
  });

  it.each<[readonly string[], readonly string[]]>([
    [["--token", "hunter2", "--name", "app"], ["--token", "***", "--name", "app"]],
    [["--password", "-hunter2"], ["--password", "***"]],
    [["--token", "--verbose", "x"], ["--token", "--verbose", "x"]],
    [["--token", "-v"], ["--token", "-v"]],
    [["--api-key"], ["--api-key"]],
    [["-p", "8080"], ["-p", "8080"]],
    [["-p", "secret"], ["-p", "***"]],
    [["-p", "./src"], ["-p", "./src"]],
    [["-phunter2"], ["-p***"]],
    [["-print"], ["-print"]],
    [["-u", "alice:x"], ["-u", "***"]],
    [["-u", "1000:1000"], ["-u", "1000:1000"]],
    [["--user=alice:x"], ["--user=***"]],
    [["--no-password", "x"], ["--no-password", "x"]],
    [["--tool-version", "1.2.3.4"], ["--tool-version", "1.2.3.4"]],
    [["--host", "10.0.0.5"], ["--host", "<redacted-ip>"]],
    [["create", "basic", "shop"], ["create", "basic", "shop"]],
    [["--header", "Authorization: Custom a b c"], ["--header", "Authorization: ***"]],
    [["--header", "Authorization: Bearer abc"], ["--header", "Authorization: Bearer ***"]],
    [["-H", "X-Auth-Token: a b"], ["-H", "X-Auth-Token: ***"]],
    [["-H", "Accept: application/json"], ["-H", "Accept: application/json"]],
    [["Authorization:", "Bearer", "abc"], ["Authorization:", "Bearer", "***"]],
    [["password:", "hunter2"], ["password:", "***"]],
    [["DB_PASSWORD=my secret words"], ["DB_PASSWORD=***"]],
    [["--db-password=a b&c"], ["--db-password=***"]],
    [["NODE_ENV=production"], ["NODE_ENV=production"]],
    [["config", "set", "github.token", "abc"], ["config", "set", "github.token", "***"]],
    [["config", "get", "token", "list"], ["config", "get", "token", "list"]],
    [["deploy", "./src", "--max-tokens", "5"], ["deploy", "./src", "--max-tokens", "5"]],
    [[], []],
  ])("turns %j into %j", (input, expected) => {
    expect(redactArguments(input)).toEqual(expected);
  });

  it("keeps the number of arguments, never throws, and is idempotent", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.constantFrom("--token", "--password", "set", "Bearer", "Authorization:", "-v", "--"))), (args) => {
        const once = redactArguments(args);
        expect(once).toHaveLength(args.length);
        expect(redactArguments(once)).toEqual(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it("answers an empty text for an argument that is none", () => {
    expect(redactArguments(JSON.parse('["a", null, "b"]'))).toEqual(["a", "", "b"]);
  });
});

describe("redaction of errors", () => {
  it("takes the message, without the stack", () => {
    expect(redactError(new Error("password=x in /home/alice/y"))).toBe("password=*** in ~/y");
  });

  it.each([
    ["token: x", "token: ***"],
    [404, "404"],
    [undefined, ""],
    [{}, ""],
    [{ message: { toString: () => "password=x" } }, ""],
  ])("answers for the thrown value %p", (thrown, expected) => {
    expect(redactError(thrown)).toBe(expected);
  });

  it("survives an error that throws when asked", () => {
    const hostile = {
      get message(): string {
        throw new Error("no");
      },
    };
    expect(redactError(hostile)).toBe("<redacted>");
  });
});
