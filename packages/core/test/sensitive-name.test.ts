import { describe, expect, it } from "@jest/globals";
import { isSensitiveFlag, isSensitiveLabel, sensitivityOf, vouchesFor } from "../src/redaction/sensitive-name.ts";

describe("sensitive name", () => {
  it.each(["name", "key", "author", "monkey", "tokenCount", "max_tokens_used", "passwordless", "secretary", "cwd", "auth", "", "__proto__", "token_fingerprint", "session_id", "publicKey", "sort_key", "primaryKey"])(
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

  it("does not count what turns something off, nor keys that open nothing", () => {
    expect(["no-password", "without-token", "sort-key", "primary_key"].map(isSensitiveFlag)).toEqual([false, false, false, false]);
    expect(["storepass", "db-pass", "github_pat", "bearer"].map(isSensitiveFlag)).toEqual([true, true, true, true]);
  });

  it("leaves headers with a form of their own to their rules", () => {
    expect(["token", "Proxy-Authorization", "Set-Cookie"].map(isSensitiveLabel)).toEqual([true, false, false]);
  });

  it("judges an endless name by its end", () => {
    expect(sensitivityOf(`${"a".repeat(1_000_000)}_password`)).toBe("singular");
  });
});

describe("a name that vouches for its value", () => {
  const digest = "4c5dc9b7708905f77f5e5d16316b5dfb425e68cb326dcd55a860e90a7707031e";

  it.each([
    ["device_id", digest],
    ["token_fingerprint", digest],
    ["userId", "5f0c1f2b9d3e4a0012345678"],
    ["sessionID", "550e8400-e29b-41d4-a716-446655440000"],
    ["commit", "7a5c45f3b8a9e7d2a1c6b4e3d9f8a7c5b2d4e6f1"],
    ["app_version", "1.2.3.4"],
  ])("is %s", (name, value) => {
    expect(vouchesFor(name, value)).toBe(true);
  });

  it.each([
    ["user_id", "alice@example.com"],
    ["device_id", "/home/alice"],
    ["note", digest],
    ["version", "host 10.0.0.5"],
    ["address", "10.0.0.5"],
  ])("is not %s for %s", (name, value) => {
    expect(vouchesFor(name, value)).toBe(false);
  });
});
