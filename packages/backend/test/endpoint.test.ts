import { describe, expect, it } from "@jest/globals";
import { describeEndpoint, parseEndpoint } from "../src/endpoint.ts";

function problemOf(value: string, options?: Parameters<typeof parseEndpoint>[1]): string {
  const parsed = parseEndpoint(value, options);
  return parsed.status === "invalid" ? parsed.problem : `valid: ${parsed.url.href}`;
}

describe("parseEndpoint", () => {
  it.each([
    ["", "endpoint is empty"],
    [`https://c/${"a".repeat(2039)}`, "endpoint is longer than 2048 bytes"],
    [`https://c/${"é".repeat(1020)}`, "endpoint is longer than 2048 bytes"],
    ["https://c/\u0001", "endpoint holds white space or a control character"],
    ["https://c/\u0085", "endpoint holds white space or a control character"],
    ["https://c/a b", "endpoint holds white space or a control character"],
    ["https://c\n", "endpoint holds white space or a control character"],
    ["localhost:4318", "endpoint must begin with https://"],
    ["grpc://c:4317", "endpoint must begin with https://"],
    ["https:collector", "endpoint must begin with https://"],
    ["https://", "endpoint names no host"],
    ["https:///collector", "endpoint names no host"],
    ["https://?x", "endpoint names no host"],
    ["https://c:99999", "endpoint is not a valid URL"],
    ["https://a b", "endpoint holds white space or a control character"],
    ["http://collector:4318", "endpoint uses plain http to another machine"],
    ["http://127.0.0.1.example.com", "endpoint uses plain http to another machine"],
    ["http://localhost.example.com", "endpoint uses plain http to another machine"],
    ["http://128.0.0.1", "endpoint uses plain http to another machine"],
  ])("refuses %j", (value, problem) => {
    expect(problemOf(value)).toContain(problem);
  });

  it.each(["https://ann:hunter2@host/", "https://hunter2@host", "https://@host/hunter2", "https://ann:hunter2/x@host/", "hunter2://host", "http://host/?key=hunter2"])(
    "refuses %j without repeating what it holds",
    (value) => {
      const problem = problemOf(value);
      expect(problem).toMatch(/^endpoint (?:holds|is|must|uses) .+: |^endpoint must begin/u);
      expect(problem).not.toContain("hunter2");
    },
  );

  it("names the field it was asked about", () => {
    expect(problemOf("", { field: "telemetry.endpoint" })).toBe("telemetry.endpoint is empty: give an address such as https://collector.example.com");
  });

  it.each([
    "https://collector:4318",
    "https://h/otlp/",
    "HTTPS://Collector.Example.com/v1?team=a#x",
    `https://c/${"a".repeat(2038)}`,
    "http://localhost:4318",
    "http://LOCALHOST.:4318",
    "http://intake.localhost",
    "http://127.0.0.1:8080/x",
    "http://127.8.9.10",
    "http://0x7f.1",
    "http://[::1]:4318",
  ])("takes %j", (value) => {
    expect(parseEndpoint(value)).toEqual({ status: "valid", url: new URL(value) });
  });

  it("takes plain http to another machine when told that it is insecure", () => {
    expect(parseEndpoint("http://collector:4318", { insecure: true }).status).toBe("valid");
  });
});

describe("describeEndpoint", () => {
  it.each([
    ["https://collector.example.com", "https://collector.example.com"],
    ["https://ann:hunter2@collector:4318/v1/logs?key=hunter2#hunter2", "https://collector:4318/v1/logs"],
    ["http://[::1]:4318/", "http://[::1]:4318"],
  ])("shows %j as %j", (value, shown) => {
    expect(describeEndpoint(new URL(value))).toBe(shown);
  });
});
