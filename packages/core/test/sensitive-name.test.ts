import { describe, expect, it } from "@jest/globals";
import { isSensitiveFlag, isSensitiveLabel, sensitivityOf } from "../src/redaction/sensitive-name.ts";

describe("sensitive name", () => {
  it.each(["name", "key", "author", "monkey", "tokenCount", "max_tokens_used", "passwordless", "secretary", "cwd", "auth", "", "__proto__"])(
    "is not %p",
    (name) => {
      expect(sensitivityOf(name)).toBe("none");
    },
  );

  it.each(["password", "DB_PASSWORD", "accessToken", "api-key", "x.api.key", "clientSecret", "Authorization", "Set-Cookie", "password2", "tokenValue", "credentials", "secretAccessKey"])(
    "is %p",
    (name) => {
      expect(sensitivityOf(name)).toBe("singular");
    },
  );

  it("may be a count when it is plural", () => {
    expect(["tokens", "maxTokens", "passwords"].map(sensitivityOf)).toEqual(["plural", "plural", "plural"]);
  });

  it("counts short words for flags and not for properties", () => {
    expect(["key", "ssl-key", "pass", "auth", "X-Amz-Signature"].map(isSensitiveFlag)).toEqual([true, true, true, true, true]);
    expect(["keys", "author", "max-tokens", "monkey", "bypass"].map(isSensitiveFlag)).toEqual([false, false, false, false, false]);
  });

  it("leaves headers with a form of their own to their rules", () => {
    expect(["token", "Proxy-Authorization", "Set-Cookie"].map(isSensitiveLabel)).toEqual([true, false, false]);
  });

  it("judges an endless name by its end", () => {
    expect(sensitivityOf(`${"a".repeat(1_000_000)}_password`)).toBe("singular");
  });
});
