/**
 * Watches /proc as fast as it can for uploaders whose working directory lies below the first argument, until its standard
 * input ends. Prints how often it looked, how often it saw one, and every time it saw more than one.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const home = process.argv[2];
let samples = 0;
let seen = 0;
const overlaps = [];
let watching = true;

process.stdin.on("end", () => (watching = false)).resume();
process.stdout.write("watching\n");

/** Processes known to be something else are not read again. */
const others = new Set();

function look() {
  const now = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && !others.has(name) && isUploader(name));
  samples++;
  if (now.length > 0) seen++;
  if (now.length > 1) overlaps.push(now.join("+"));
  if (watching) setImmediate(look);
  else process.stdout.write(JSON.stringify({ samples, seen, overlaps }));
}

function isUploader(name) {
  try {
    if (readFileSync(`/proc/${name}/cmdline`, "utf8").includes("candor-uploader-")) return readlinkSync(`/proc/${name}/cwd`).startsWith(home);
    if (samples === 0) others.add(name);
    return false;
  } catch {
    return false;
  }
}

look();
