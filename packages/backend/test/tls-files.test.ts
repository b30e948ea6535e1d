import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { checkTlsFiles, readTlsFiles, type TlsFiles } from "../src/tls-files.ts";
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

describe("files of TLS", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an object without any", {}],
    ["options without a value", { caFile: undefined }],
    ["files that are not on this machine", { caFile: "/nowhere/ca.pem", certificateFile: "/nowhere/c.pem", keyFile: "/nowhere/k.pem" }],
  ])("are named rightly by %s, and none is opened", (_, files) => {
    expect(checkTlsFiles(files)).toBe(files);
  });

  it.each<[string, unknown, string]>([
    ["true", true, "backend.tls must be an object; its options are caFile, certificateFile, keyFile"],
    ["a path", "/ca.pem", "backend.tls must be an object"],
    ["a list", ["/ca.pem"], "backend.tls must be an object"],
    ["an option that there is not", { cafile: "/ca.pem" }, "backend.tls.cafile is not an option; the options are caFile, certificateFile, keyFile"],
    ["a number", { caFile: 7 }, "backend.tls.caFile must be the path of a PEM file"],
    // Found in whatever directory the command was started in, it would be a stranger's to plant.
    ["a part of a path", { caFile: "certs/ca.pem" }, "backend.tls.caFile must be an absolute path: give the whole path of a PEM file"],
    ["an empty path", { keyFile: "" }, "backend.tls.keyFile must be an absolute path"],
    ["a certificate without its key", { certificateFile: "/c.pem" }, "backend.tls.keyFile is missing"],
    ["a key without its certificate", { keyFile: "/k.pem" }, "backend.tls.certificateFile is missing"],
  ])("are refused when they are named by %s", (_, files, problem) => {
    for (const read of [checkTlsFiles, readTlsFiles]) {
      expect(thrownBy(() => read(files as TlsFiles))).toMatchObject({ code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(problem) });
    }
  });
});
