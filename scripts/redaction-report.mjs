/**
 * How well redaction does: `node scripts/redaction-report.mjs`. Recall and precision on the corpus that the tests use, kind by kind,
 * with everything that went wrong; what a call costs; and, with `--linearity`, that time grows as the text does.
 * It reads the source, so that nothing has to be built first.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";

const core = path.resolve(import.meta.dirname, "../packages/core");
const { createRedactor, ordinarySamples, secretSamples, showsSecret } = await load();
const corpus = JSON.parse(readFileSync(path.join(core, "test/redaction-corpus.json"), "utf8"));
const redactor = createRedactor({ person: () => ({ homes: ["/data/people/mmuster"] }) });
const redact = (input) => (typeof input === "string" ? redactor.text(input) : redactor.args(input));

printQuality();
if (process.argv.includes("--linearity")) printLinearity();
printCost();

async function load() {
  const folder = mkdtempSync(path.join(tmpdir(), "candor-redaction-"));
  try {
    const outfile = path.join(folder, "redaction.mjs");
    await build({
      stdin: {
        contents: `export * from "./src/redaction/redaction.ts"; export * from "./test/redaction-corpus.ts";`,
        resolveDir: core,
      },
      bundle: true,
      format: "esm",
      platform: "node",
      outfile,
      logLevel: "warning",
    });
    return await import(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A secret counts as found when no eight characters of it are left; an ordinary text as kept when it is the same. */
function printQuality() {
  const secrets = secretSamples(corpus).map((sample) => {
    const output = redact(sample.input);
    return { ...sample, output, isRight: !sample.secrets.some((secret) => showsSecret(output, secret)) };
  });
  const ordinary = ordinarySamples(corpus).map((sample) => {
    const output = redact(sample.input);
    return { ...sample, output, isRight: String(output) === String(sample.input) };
  });
  printKinds("Secrets", "found", secrets);
  printKinds("Ordinary texts", "kept", ordinary);

  const found = secrets.filter(({ isRight }) => isRight).length;
  const lost = ordinary.filter(({ isRight }) => !isRight).length;
  console.log(`\nrecall ${percent(found, secrets.length)} (${found} of ${secrets.length} secrets found, those known to be missed included)`);
  console.log(`precision ${percent(found, found + lost)} (of ${found + lost} texts that were changed, ${lost} held no secret)`);
  console.log(`ordinary texts kept: ${percent(ordinary.length - lost, ordinary.length)} (${ordinary.length - lost} of ${ordinary.length})\n`);
  for (const { input, output } of [...secrets, ...ordinary].filter(({ isRight, missed, lost: known }) => !isRight && !missed && !known)) {
    console.log(`  unexpected: ${JSON.stringify(input)} -> ${JSON.stringify(output)}`);
  }
}

function printKinds(title, verb, samples) {
  console.log(`\n| ${title} | samples | ${verb} |\n| --- | ---: | ---: |`);
  for (const [kind, group] of Map.groupBy?.(samples, (sample) => sample.kind) ?? groupBy(samples)) {
    console.log(`| ${kind} | ${group.length} | ${percent(group.filter(({ isRight }) => isRight).length, group.length)} |`);
  }
}

/** For Node.js 20. */
function groupBy(samples) {
  const groups = new Map();
  for (const sample of samples) groups.set(sample.kind, [...(groups.get(sample.kind) ?? []), sample]);
  return groups;
}

function percent(part, whole) {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** Four times the text may take about four times as long; quadratic work would take sixteen times. */
function printLinearity() {
  const pieces = [
    ..."a|A1|é|=|:|::|/|//|\\|.|-|--|_|@|%40|%3D|~|\"|'|<|>|,|;|&|[|]|+|\n| |1|1.|1.2.|ab:|key|token|password=|--token |authorization: |bearer |basic |cookie: ".split("|"),
    ..."-u |a:b@|a/b|://|://a:|://a@|eyJa|eyJa.|sk-|ghp_|AKIA|xoxb-|-----BEGIN PRIVATE KEY-----|sha256:|version |1.2.3.4 |/home/|/root|C:\\Users\\|~a/|<token>|jdbc:oracle:x:|***".split("|"),
    "a".repeat(50),
    "aB1/".repeat(15),
  ];
  const units = [...pieces, ...pieces.flatMap((left) => pieces.map((right) => left + right))];
  let worst = { ratio: 0 };
  let slowest = { nsPerCharacter: 0 };
  for (const unit of units) {
    redactor.text(unit.repeat(200));
    let { ratio, nsPerCharacter } = growth(unit, 16_000);
    // The garbage collector and other processes disturb a measurement; what is quadratic is so at any length.
    for (const length of [64_000, 128_000, 256_000]) if (ratio > 6) ratio = Math.min(ratio, growth(unit, length).ratio);
    if (ratio > worst.ratio) worst = { unit, ratio };
    if (nsPerCharacter > slowest.nsPerCharacter) slowest = { unit, nsPerCharacter };
  }
  console.log(`linearity: ${units.length} texts of repeated pieces, each against one four times as long`);
  console.log(`  largest ratio of times: ${worst.ratio.toFixed(1)} (4 is linear, 16 quadratic), for ${JSON.stringify(worst.unit)}`);
  console.log(`  slowest: ${slowest.nsPerCharacter.toFixed(0)} ns a character, for ${JSON.stringify(slowest.unit)}\n`);
}

function growth(unit, length) {
  const of = (characters) => unit.repeat(Math.ceil(characters / unit.length));
  const [short, long] = [of(length), of(4 * length)].map((text) => ({ length: text.length, ms: shortest(() => redactor.text(text)) }));
  // Under a millisecond the clock is most of what is measured.
  return { ratio: long.ms / Math.max(short.ms, 1), nsPerCharacter: (1e6 * long.ms) / long.length };
}

function shortest(work) {
  let best = Infinity;
  for (let run = 0; run < 3; run++) {
    const startedAt = performance.now();
    work();
    best = Math.min(best, performance.now() - startedAt);
  }
  return best;
}

function printCost() {
  const inputs = {
    "a word": "pdf",
    "a version": "1.22.3",
    "an id": "550e8400-e29b-41d4-a716-446655440000",
    "an address": "https://app.datarobot.com",
    "a path": "./src/components/index.ts",
    "a sentence of 60 characters": "could not open the file because it does not exist on disk..",
    "an error of 160 characters":
      "ENOENT: no such file or directory, open './config/production.json' while loading plugin @scope/plugin@1.2.3 from https://registry.example.com/x (second attempt)",
    "a text with two secrets": "--password hunter2 failed for https://u:p@host/x",
    "nine arguments": ["deploy", "./src", "--env", "production", "--max-tokens", "512", "-v", "--name", "app"],
  };
  console.log("| one call on | ns |\n| --- | ---: |");
  for (const [name, input] of Object.entries(inputs)) {
    const calls = 5_000;
    for (let call = 0; call < calls; call++) redact(input);
    const ms = shortest(() => {
      for (let call = 0; call < calls; call++) redact(input);
    });
    console.log(`| ${name} | ${Math.round((1e6 * ms) / calls)} |`);
  }
}
