import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { chooseProxy, describeProxy, proxyAuthorization } from "../src/proxy.ts";

const names = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]);
const before = new Map(names.map((name) => [name, process.env[name]]));

function setEnvironment(variables: Record<string, string>): void {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, variables);
}

beforeEach(() => setEnvironment({}));

afterEach(() => {
  const known = [...before].filter((entry): entry is [string, string] => entry[1] !== undefined);
  setEnvironment(Object.fromEntries(known));
});

/** Where the environment sends a request to `url`. */
function wayTo(url: string, variables: Record<string, string>): string {
  setEnvironment(variables);
  const choice = chooseProxy(new URL(url));
  if (choice.status === "failed") return `${choice.fault}: ${choice.reason}`;
  return choice.status === "proxied" ? choice.proxy.href : choice.status;
}

const https = "https://collector.example.com/v1/logs";
const http = "http://collector.example.com/v1/logs";

describe("a proxy that cannot be used", () => {
  it.each([
    ["socks5://ann:hunter2@proxy:1080", "proxy: the proxy speaks socks5; only http and https proxies can be used"],
    ["http://ann:hunter2@proxy:99999", "proxy: the address of the proxy is not a valid URL"],
    ["http://", "proxy: the address of the proxy is not a valid URL"],
  ])("is a failure and no direct way: %s", (value, expected) => {
    expect(wayTo(https, { ALL_PROXY: value })).toBe(expected);
    expect(chooseProxy(new URL(https), value)).toMatchObject({ status: "failed", fault: "proxy" });
  });
});

describe("the environment", () => {
  it("without proxy variables leads directly", () => {
    expect(wayTo(https, {})).toBe("direct");
    expect(wayTo(https, { HTTPS_PROXY: "" })).toBe("direct");
  });

  it("names a proxy for each scheme", () => {
    const variables = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:2", ALL_PROXY: "http://all:3" };
    expect(wayTo(http, variables)).toBe("http://plain:1/");
    expect(wayTo(https, variables)).toBe("http://secure:2/");
    expect(wayTo(https, { HTTP_PROXY: "http://plain:1" })).toBe("direct");
    expect(wayTo(https, { ALL_PROXY: "http://all:3" })).toBe("http://all:3/");
    expect(wayTo(https, { https_proxy: "http://lower:4", HTTPS_PROXY: "http://upper:5" })).toBe("http://lower:4/");
    expect(wayTo(https, { HTTPS_PROXY: "https://tls:6" })).toBe("https://tls:6/");
  });

  it("means an http proxy when it writes no scheme", () => {
    expect(wayTo(https, { HTTPS_PROXY: "proxy.corp:3128" })).toBe("http://proxy.corp:3128/");
    expect(wayTo(https, { ALL_PROXY: "ann:pw@proxy.corp:3128" })).toBe("http://ann:pw@proxy.corp:3128/");
  });

  it.each([
    ["*", "direct"],
    ["collector.example.com", "direct"],
    ["COLLECTOR.EXAMPLE.COM", "direct"],
    ["collector.example.com:443", "direct"],
    ["other.test, .example.com", "direct"],
    ["*.example.com", "direct"],
    ["collector.example.com:8443", "http://proxy:3128/"],
    ["example.com", "http://proxy:3128/"],
    ["ample.com", "http://proxy:3128/"],
    ["", "http://proxy:3128/"],
  ])("with NO_PROXY=%j leads %s", (noProxy, expected) => {
    expect(wayTo(https, { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: noProxy })).toBe(expected);
  });

  it.each(["http://localhost:4318", "http://127.0.0.1:4318", "http://[::1]:4318", "https://localhost:4318"])(
    "sends what is for this machine (%s) to no other machine's proxy",
    (url) => {
      expect(wayTo(url, { ALL_PROXY: "http://proxy:3128" })).toBe("direct");
      expect(wayTo(url, { ALL_PROXY: "http://localhost:3128" })).toBe("http://localhost:3128/");
    },
  );
});

describe("the author's choice", () => {
  it("wins over the environment", () => {
    setEnvironment({ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "*" });
    expect(chooseProxy(new URL(https), "none")).toEqual({ status: "direct" });
    expect(chooseProxy(new URL(https), "http://mine:1")).toMatchObject({ proxy: new URL("http://mine:1") });
    expect(chooseProxy(new URL("http://localhost"), "mine:1")).toMatchObject({ proxy: new URL("http://mine:1") });
  });
});

describe("the credentials of a proxy", () => {
  it.each([
    ["http://proxy:3128", undefined],
    ["http://ann:pw@proxy:3128", "ann:pw"],
    ["http://a%40b:p%3Aw%2F@proxy", "a@b:p:w/"],
    ["http://ann:100%@proxy", "ann:100%"],
    ["http://ann@proxy", "ann:"],
    ["http://:pw@proxy", ":pw"],
  ])("are read from %s", (value, plain) => {
    const expected = plain === undefined ? undefined : `Basic ${Buffer.from(plain).toString("base64")}`;
    expect(proxyAuthorization(new URL(value))).toBe(expected);
  });

  it("are not shown", () => {
    expect(describeProxy(new URL("http://ann:hunter2@proxy:3128"))).toBe("the proxy proxy:3128");
  });
});
