import { describe, expect, it } from "@jest/globals";
import { createRedactor } from "../src/redaction/redaction.ts";

const redactFor = (...homes: string[]): ((text: string) => string) => createRedactor({ person: () => ({ homes }) }).text;

describe("the user's own home", () => {
  it.each([
    ["/data/people/alice", "cannot read /data/people/alice/x", "cannot read ~/x"],
    ["/data/people/alice/", "cannot read '/data/people/alice'", "cannot read '~'"],
    ["/data/people/alice", "file:///data/people/alice/x", "file://~/x"],
    ["/data/people/alice", "/data/people/alicette/x", "/data/people/alicette/x"],
    ["/data/people/alice", "https://example.com/data/people/bob", "https://example.com/data/people/bob"],
    ["D:\\profiles\\alice", "d:\\Profiles\\Alice\\x", "~\\x"],
    ["D:\\profiles\\alice", '{"path":"D:\\\\profiles\\\\alice\\\\x"}', '{"path":"~\\\\x"}'],
    ["/srv/a+b (c)", "/srv/a+b (c)/x", "~/x"],
    ["/", "/usr/lib/x", "/usr/lib/x"],
    ["", "/usr/lib/x", "/usr/lib/x"],
  ])("%s is taken out of %s", (home, text, expected) => {
    expect(redactFor(home)(text)).toBe(expected);
  });

  it("is found whichever of two it is", () => {
    expect(redactFor("/mnt/one/alice", "/mnt/two/alice")("/mnt/one/alice/x /mnt/two/alice/y")).toBe("~/x ~/y");
  });
});

describe("the user's name", () => {
  it.each([
    ["/tmp/alice/x", "/tmp/<user>/x"],
    ["/tmp/.alice-cache/x", "/tmp/.<user>-cache/x"],
    ["C:\\work\\alice\\x", "C:\\work\\<user>\\x"],
    ["https://github.com/alice/x", "https://github.com/<user>/x"],
  ])("is taken out of the path %s", (text, expected) => {
    expect(redactFor("/home/alice")(text)).toBe(expected);
  });

  it.each(["alice", "malice", "/tmp/malice/x", "/tmp/alicette"])("is left in %s, which is no path with it", (text) => {
    expect(redactFor("/home/alice")(text)).toBe(text);
  });

  it.each(["/root", "/home/node", "/home/runner", "/app", "/home/al"])("is not looked for when the home is %s, since many paths hold it", (home) => {
    const text = `/x/${home.slice(home.lastIndexOf("/") + 1)}/y`;
    expect(redactFor(home)(text)).toBe(text);
  });
});

describe("who the user is", () => {
  it("is asked once, and only for a text with a path", () => {
    let asked = 0;
    const { text } = createRedactor({
      person: () => {
        asked += 1;
        return { homes: ["/data/people/alice"] };
      },
    });
    text("no path: at=all");
    expect(asked).toBe(0);
    expect([text("/data/people/alice/x"), text("/data/people/alice/y")]).toEqual(["~/x", "~/y"]);
    expect(asked).toBe(1);
  });

  it("may be unknown", () => {
    const { text } = createRedactor({
      person: () => {
        throw new Error("no such user");
      },
    });
    expect(text("/home/alice/x")).toBe("~/x");
  });
});
