import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { language, languageOf, languageTag, realMachine } from "../../src/datarobot.ts";
import { fakeMachine } from "./fake-machine.ts";

/** Vectors whose answer is not ours: Amplitude maps tags, and the originals are none. */
const DIFFERENT: Readonly<Record<string, { readonly answer: string; readonly because: string }>> = {
  "dr.language_unix#10": { answer: "de-DE", because: "a modifier is no part of a language tag" },
  "dr.language_unix#11": { answer: "zh-Hans-CN", because: "the parts of a tag are joined by hyphens" },
};

describe("the language of POSIX variables", () => {
  it.each(vectorsOf<Readonly<Record<string, string>>, string>("dr.language_unix"))("$id is the recorded tag", ({ id, input, expected }) => {
    expect(languageOf(input)).toBe(DIFFERENT[id]?.answer ?? expected);
    expect(language(fakeMachine({ environment: input, locale: "xx" }))).toBe(DIFFERENT[id]?.answer ?? expected);
  });

  it.each([
    [{ LANG: "C.UTF-8" }, ""],
    [{ LANG: "POSIX" }, ""],
    [{ LC_ALL: "C.utf8", LANGUAGE: "fr" }, ""],
    [{ LC_ALL: "", LANG: "fr_FR" }, "fr-FR"],
    [{ LANGUAGE: ":de", LANG: "fr_FR" }, "de"],
    [{ LANGUAGE: "", LANG: "fr_FR" }, "fr-FR"],
    [{ LANG: "EN_us.UTF-8" }, "en-US"],
    [{ LANG: "es_419" }, "es-419"],
    [{ LANG: "/home/me/secret" }, ""],
    [{ LANG: "en_US; rm -rf" }, "en"],
  ])("%j is %j", (environment, expected) => {
    expect(languageOf(environment)).toBe(expected);
  });

  it("is a valid tag or nothing, whatever the variable holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z]{1,4}[_-]?[a-zA-Z0-9]{0,5}[@.]?[a-z]{0,4}$/)), (text) => {
        const tag = languageTag(text);
        expect(tag === "" || Intl.getCanonicalLocales(tag).length === 1).toBe(true);
      }),
    );
  });
});

describe("the language of a system with settings", () => {
  it.each(vectorsOf<{ AppleLocale: string }, string>("dr.language_darwin_defaults"))("$id is AppleLocale's", ({ input, expected }) => {
    expect(languageTag(input.AppleLocale)).toBe(expected);
  });

  it.each(["darwin", "win32"])("of %s is the environment's, and Node's where that is silent", (platform) => {
    expect(language(fakeMachine({ platform, environment: { LANG: "fr_FR.UTF-8" }, locale: "en-GB" }))).toBe("fr-FR");
    expect(language(fakeMachine({ platform, environment: { LC_ALL: "C" }, locale: "en-GB" }))).toBe("en-GB");
    expect(language(fakeMachine({ platform, locale: "en-US-u-va-posix" }))).toBe("");
    expect(language(fakeMachine({ platform }))).toBe("");
  });

  it("starts no subprocess", () => {
    const machine = fakeMachine({ platform: "darwin", locale: "ja-JP" });
    expect(language(machine)).toBe("ja-JP");
    expect(machine.runs).toEqual([]);
    expect(languageTag(realMachine().locale())).not.toBe("");
  });
});
