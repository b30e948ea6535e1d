import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { baseUrl, environmentOf, instanceOf } from "../../src/datarobot.ts";

describe("the base URL", () => {
  it.each(vectorsOf<string, string>("dr.base_url"))("$id is as recorded, or refused where it leaked", (vector) => {
    // The one that must be rejected let user and password through.
    expect(baseUrl(vector.input)).toBe(vector.must_be_rejected ? "https://app.datarobot.com" : vector.expected);
  });

  it.each([
    ["token@app.datarobot.com", "https://app.datarobot.com"],
    ["https://:pw@host:8443/x?key=1#2", "https://host:8443"],
    ["HTTP://On-Prem.Corp:80/api/v2", "http://on-prem.corp"],
    ["localhost:8080", "https://localhost:8080"],
    ["[::1]:8080/api", "https://[::1]:8080"],
    ["ftp://app.datarobot.com", ""],
    ["file:///etc/passwd", ""],
    ["https://", ""],
    ["https://host:99999", ""],
    [`https://${"a".repeat(3_000)}.example`, ""],
  ])("of %s is %j", (endpoint, expected) => {
    expect(baseUrl(endpoint)).toBe(expected);
  });

  it("never throws and never lets user, password, path or query through", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
    fc.assert(
      fc.property(secret, secret, secret, (user, path, query) => {
        expect(baseUrl(`https://${user}:${user}@host.example/${path}?q=${query}#${query}`)).toBe("https://host.example");
      }),
    );
    fc.assert(fc.property(fc.anything(), (anything) => typeof baseUrl(anything as string) === "string"));
  });
});

describe("the environment", () => {
  it.each([...vectorsOf<{ base_url: string }, string>("dr.environment"), ...vectorsOf<{ base_url: string }, string>("ours.environment")])(
    "$id is told by the exact host",
    ({ input, expected }) => {
      expect(environmentOf(input.base_url)).toBe(expected);
    },
  );

  it.each([
    ["", ""],
    ["not a url", ""],
    ["http://app.datarobot.com", "custom"],
    ["https://app.datarobot.com:8443", "custom"],
    ["https://app.datarobot.com.", "custom"],
    ["https://APP.EU.datarobot.com/api/v2", "EU"],
    ["https://constructor", "custom"],
  ])("of %s is %j", (endpoint, expected) => {
    expect(environmentOf(endpoint)).toBe(expected);
  });
});

describe("the instance as an event names it", () => {
  it.each([
    ["https://app.jp.datarobot.com/api/v2", "https://app.jp.datarobot.com"],
    ["https://datarobot.customer.example", "custom"],
    ["https://app.datarobot.com.customer.example", "custom"],
    ["", ""],
  ])("of %s is %j", (endpoint, expected) => {
    expect(instanceOf(endpoint)).toBe(expected);
  });
});
