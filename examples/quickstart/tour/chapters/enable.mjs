/** Chapter 2: the user says yes. */
import { heading, tell, transcript } from "../printing.mjs";

export async function chapterEnable({ run, status, checks, receiver }) {
  heading("2. Saying yes");
  tell("One command switches telemetry on, for this tool only. The status shows who decided, where events go, and what waits.");
  const enabled = await run(["telemetry", "enable"]);
  transcript(["telemetry", "enable"], enabled);
  transcript(["telemetry", "status"], await run(["telemetry", "status"]));
  const now = await status();
  checks.that("enable: telemetry is on", enabled.exitCode === 0 && now.enabled === true, JSON.stringify(now));
  checks.that("enable: the status names what decided", now.source === "stored-choice", now.source);
  checks.that("enable: the telemetry commands themselves send nothing", receiver.requestCount() === 0, `${receiver.requestCount()} requests`);
}
