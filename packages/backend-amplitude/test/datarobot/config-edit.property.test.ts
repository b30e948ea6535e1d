import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { Document, parse } from "yaml";
import { type DrConfigChange, recordOptIn, recordOptOut } from "../../src/datarobot-config.ts";
import { editConfig } from "../../src/datarobot/config-edit.ts";

const YES = recordOptIn({ now: 1_704_067_200, consentVersion: "1.0" });
const NO = recordOptOut({ now: 1_704_067_200 });

function edited(text: string, change: DrConfigChange): string {
  const edit = editConfig(text, change);
  if (edit.status === "refused") throw new Error(`${edit.reason}: ${JSON.stringify(text)}`);
  return edit.text;
}

describe("the bytes around a change", () => {
  const before = "# DataRobot\r\nendpoint:   'https://app.datarobot.com/api/v2'  # ours\r\n\r\n\r\ntelemetry:   # section\r\n";
  const after = "    # below\r\n\r\n\"token\" : abc   \r\nlist: [ 1,2,   3 ]\r\n# end";

  it("stay, whatever they are", () => {
    expect(edited(`${before}    enabled:  TRUE   # asked\r\n${after}`, NO)).toBe(
      `${before}    enabled:  false   # asked\r\n    last_updated: 1704067200\r\n${after}`,
    );
  });

  it.each([
    ["a section at the end", "a: 1\n", NO, "a: 1\ntelemetry:\n  enabled: false\n  last_updated: 1704067200\n"],
    ["no line end at the end", "a: 1", NO, "a: 1\ntelemetry:\n  enabled: false\n  last_updated: 1704067200\n"],
    ["a nested value at the end", "a:\n  b:\n    - c: d # e\n\n# f\n", NO, "a:\n  b:\n    - c: d # e\ntelemetry:\n  enabled: false\n  last_updated: 1704067200\n\n# f\n"],
    ["a block text at the end", "a: |\n  x\n\n# f\n", NO, "a: |\n  x\ntelemetry:\n  enabled: false\n  last_updated: 1704067200\n\n# f\n"],
    ["comments only", "# a\n", NO, "# a\ntelemetry:\n  enabled: false\n  last_updated: 1704067200\n"],
    ["a byte order mark", "\uFEFFa: 1\r\n", NO, "\uFEFFa: 1\r\ntelemetry:\r\n  enabled: false\r\n  last_updated: 1704067200\r\n"],
    ["an empty section", "telemetry: # later\nz: 1\n", NO, "telemetry: # later\n  enabled: false\n  last_updated: 1704067200\nz: 1\n"],
    ["an empty value", "telemetry:\n  enabled: # later\n", NO, "telemetry:\n  enabled: false # later\n  last_updated: 1704067200\n"],
    ["a section in other letters", "Telemetry:\n    Enabled: yes\n", NO, "Telemetry:\n    Enabled: false\n    last_updated: 1704067200\n"],
    ["a flow section", "telemetry: { enabled: true, device_id: 'd' } # x\n", NO, "telemetry: { enabled: false, device_id: 'd', last_updated: 1704067200 } # x\n"],
    ["an empty flow section", "telemetry: {}\n", NO, "telemetry: { enabled: false, last_updated: 1704067200 }\n"],
    ["an empty flow section below its key", "telemetry:\n  {}\nz: 1\n", NO, "telemetry:\n  { enabled: false, last_updated: 1704067200 }\nz: 1\n"],
    ["a section that is a no", "telemetry: off\n", NO, "telemetry: { enabled: false, last_updated: 1704067200 }\n"],
    ["a document's marks", "---\na: 1\n...\n", NO, "---\na: 1\ntelemetry:\n  enabled: false\n  last_updated: 1704067200\n...\n"],
    [
      "a recorded no",
      "# keep\ndisable-telemetry: true # goes\n# keep too\nDisable-Telemetry: 1\nz: 1\ntelemetry:\n  opt_out_reason: >-\n    two\n    lines\n  enabled: false\n",
      YES,
      '# keep\n# keep too\nz: 1\ntelemetry:\n  enabled: true\n  opt_in_timestamp: 1704067200\n  last_prompt_version: "1.0"\n',
    ],
    [
      "a flow file",
      '{"disable-telemetry": true, "token": "abc"}',
      YES,
      '{"token": "abc", telemetry: { enabled: true, opt_in_timestamp: 1704067200, last_prompt_version: "1.0" }}',
    ],
    ["a flow file's only key", "{ disable-telemetry: true }\n", YES, '{ telemetry: { enabled: true, opt_in_timestamp: 1704067200, last_prompt_version: "1.0" }   }\n'],
  ])("stay around %s", (_name, text, change, expected) => {
    const result = edited(text, change);
    expect(result).toBe(expected);
    expect(editConfig(result, change)).toEqual({ status: "edited", text: result });
  });

  it.each([
    ["an alias for a section", "a: &a { x: 1 }\ntelemetry: *a\n"],
    ["an explicit null as the file", "null\n"],
    ["a key with a mark of its own line", "? telemetry\n? enabled\n"],
    ["a line that is indented deeper than any configuration's", `a:\n${" ".repeat(101)}b: 1\n`],
    ["an anchored section that others use", "telemetry: &t\n  enabled: true\nother: *t\n"],
  ])("are not risked for %s", (_name, text) => {
    expect(editConfig(text, NO)).toMatchObject({ status: "refused" });
  });
});

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant("two\nlines\n"), fc.constant("yes"));
const key = fc.oneof(fc.stringMatching(/^[a-z][a-z_-]{0,8}$/), fc.string({ minLength: 1, maxLength: 5 })).filter((name) => name !== "__proto__" && name.trim() !== "" && name !== "<<");
const tree = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(key, tie("value"), { maxKeys: 3 })),
})).value;
const telemetry = fc.option(
  fc.record({ enabled: fc.oneof(fc.boolean(), scalar), device_id: fc.string(), opt_out_reason: fc.string(), last_updated: fc.nat(), more: tree }, { requiredKeys: [] }),
  { nil: undefined },
);
const content = fc.tuple(fc.dictionary(key, tree, { maxKeys: 4 }), telemetry, fc.option(scalar, { nil: undefined }), fc.dictionary(key, tree, { maxKeys: 3 })).map(
  ([first, section, disable, last]) => ({
    ...first,
    ...(section === undefined ? {} : { telemetry: section }),
    ...(disable === undefined ? {} : { "disable-telemetry": disable }),
    ...last,
  }),
);
const style = fc.record({
  indent: fc.constantFrom(2, 4, 7),
  lineWidth: fc.constantFrom(0, 20, 80),
  indentSeq: fc.boolean(),
  singleQuote: fc.boolean(),
  collectionStyle: fc.constantFrom("any" as const, "flow" as const, "block" as const),
});

/** The lines of a text with a comment on some and blank lines between, where the text is one that can take them. */
function decorated(text: string, seed: number): string {
  const lines = text.split("\n");
  const result = lines.flatMap((line, index) => ((index * 7 + seed) % 5 === 0 && !line.includes('"') && !line.startsWith(" ") ? ["", "# note", line] : [line])).join("\n");
  try {
    return JSON.stringify(parse(result)) === JSON.stringify(parse(text)) ? result : text;
  } catch {
    // The lines stood inside a text.
    return text;
  }
}

describe("any configuration", () => {
  it("means afterwards what was wanted, and keeps each line that does not hold a named key", () => {
    const refused: string[] = [];
    fc.assert(
      fc.property(content, style, fc.nat(), fc.boolean(), fc.constantFrom(YES, NO), (value, options, seed, windows, change) => {
        const plain = decorated(new Document(value).toString(options), seed);
        const text = windows ? plain.replaceAll("\n", "\r\n") : plain;
        // Some styles of the library's come out as text that it refuses itself, and some indent deeper than is read at all.
        fc.pre(isYaml(text) && isReadable(text));
        const edit = editConfig(text, change);
        if (edit.status === "refused") {
          refused.push(text);
          return;
        }
        const wanted = structuredClone(parse(text)) as Record<string, unknown>;
        for (const name of Object.keys(wanted)) if (change === YES && name.toLowerCase() === "disable-telemetry") delete wanted[name];
        const { telemetry: section, ...others } = parse(edit.text) as Record<string, unknown>;
        const { telemetry: oldSection, ...oldOthers } = wanted;
        expect(others).toEqual(oldOthers);
        expect(section).toMatchObject({ enabled: change === YES });
        const kept = (body: unknown): unknown => {
          const { enabled: _e, opt_out_reason: _o, opt_in_timestamp: _t, last_prompt_version: _v, last_updated: _u, ...rest } = { ...(body as Record<string, unknown>) };
          return rest;
        };
        expect(kept(section)).toEqual(kept(oldSection));
        // In flow style a line holds many keys; a text that spans lines takes more than its key's line with it.
        const isBlock = options.collectionStyle === "block" && Object.keys(value).length > 0;
        const isOnePerLine = options.lineWidth === 0 && !namedTexts(value).some((named) => /\s/.test(named));
        expect(isSubsequence(isBlock ? comments(text) : [], comments(edit.text))).toBe(true);
        expect(isSubsequence(isBlock && isOnePerLine ? otherLines(text) : [], edit.text.split("\n"))).toBe(true);
        expect(editConfig(edit.text, change)).toEqual({ status: "edited", text: edit.text });
      }),
      { numRuns: 300 },
    );
    expect(refused).toEqual([]);
  });
});

function isYaml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** No configuration is nested so deeply; see `MAX_INDENT` in the source. */
function isReadable(text: string): boolean {
  return text.split("\n").every((line) => line.search(/\S/) <= 100);
}

/** The texts under keys that a change names. */
function namedTexts({ telemetry: section, ...rest }: Readonly<Record<string, unknown>>): string[] {
  return [...Object.entries({ ...(section as Record<string, unknown>) }), ...Object.entries(rest)]
    .filter(([name, text]) => /^(disable-telemetry|enabled|opt_out_reason|last_updated)$/i.test(name) && typeof text === "string")
    .map(([, text]) => String(text));
}

/** Lines that hold no named key; the section's own line may get a value when it had none, or when its empty value stands below it. */
function otherLines(text: string): string[] {
  const lines = text.split("\n");
  const isEmptySection = (index: number): boolean => lines[index]?.trim() === "{}" && /^telemetry:\s*$/.test(lines[index - 1] ?? "");
  return lines.filter((line, index) => {
    const isNamed = /^\s*"?(disable-telemetry|enabled|opt_out_reason|last_updated|telemetry)\b/i.test(line);
    return line.trim() !== "" && !isNamed && !isEmptySection(index);
  });
}

function comments(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("# note"));
}

function isSubsequence(wanted: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const line of all) if (line === wanted[found]) found += 1;
  return found === wanted.length;
}
