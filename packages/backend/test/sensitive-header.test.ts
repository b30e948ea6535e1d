import { describe, expect, it } from "@jest/globals";
import { isSensitiveHeader } from "../src/sensitive-header.ts";

describe("isSensitiveHeader", () => {
  it.each([
    "Authorization",
    "authorization",
    "Proxy-Authorization",
    "Cookie",
    "Set-Cookie",
    "X-Auth-Token",
    "X-Custom-Auth",
    "X-API-Key",
    "X-API-Secret",
    "X-User-Password",
    "DD-API-KEY",
    "x_api_key",
    "apikey",
    "Ocp-Apim-Subscription-Key",
  ])("counts %s as a credential", (name) => {
    expect(isSensitiveHeader(name)).toBe(true);
  });

  it.each(["Accept", "User-Agent", "X-Request-ID", "X-ApiToken", "Content-Type", "Idempotency-Key", "Key", "X-Author", ""])(
    "does not count %j as a credential",
    (name) => {
      expect(isSensitiveHeader(name)).toBe(false);
    },
  );
});
