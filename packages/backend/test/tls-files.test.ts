import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readTlsFiles } from "../src/tls-files.ts";
import { certificate } from "./loopback.ts";
import { thrownBy } from "./thrown-by.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "candor-tls-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const ca = certificate("ca");

function file(content: string | Buffer): string {
  const path = join(directory, "ca.pem");
  writeFileSync(path, content);
  return path;
}

describe("a caFile", () => {
  it.each([
    ["one certificate", ca],
    ["several, with words between them", `# ours\n${ca}\n# another's\n${certificate("server")}`],
    ["a certificate after a key", `${certificate("server.key")}${ca}`],
    ["lines as Windows ends them", `\uFEFF${ca.replaceAll("\n", "\r\n")}`],
    ["a certificate with trust settings", ca.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE")],
  ])("with %s is read as it is", (_, content) => {
    const caFile = file(content);
    expect(readTlsFiles({ caFile })).toEqual({ ca: readFileSync(caFile) });
  });

  it.each<[string, string | Buffer]>([
    ["is empty", ""],
    ["holds words only", "hunter2"],
    ["holds a key only", certificate("server.key")],
    ["is torn", ca.slice(0, 200)],
    ["holds what is no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
    ["is in DER form, which Node.js passes over", new X509Certificate(ca).raw],
  ])("that %s is refused by the option's name", (_, content) => {
    const caFile = file(content);
    expect(thrownBy(() => readTlsFiles({ caFile }))).toMatchObject({
      code: "ERR_CANDOR_CONFIG",
      message: `backend.tls.caFile: ${caFile} holds no certificate that can be read; give the path of a PEM file`,
    });
  });
});
