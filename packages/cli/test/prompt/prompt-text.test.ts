import { afterEach, describe, expect, it } from "@jest/globals";
import { type Collector, type CollectorOptions, createCollector, defineEvents } from "@candor/core";
import { scopeOf } from "@candor/core/commands";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { datarobotText, gtbText, type PromptText } from "../../src/prompt/prompt-text.ts";

const homes: TemporaryHome[] = [];
const collectors: Collector[] = [];
afterEach(async () => {
  await Promise.all(collectors.splice(0).map((collector) => collector.close()));
  for (const home of homes.splice(0)) home.dispose();
});

type Style = "gtb" | "datarobot";
type Options = Partial<Omit<CollectorOptions, "catalog">> & { readonly catalog?: ReturnType<typeof defineEvents> };

/** The words for a tool with these options. */
function textOf(style: Style, options: Options = {}): PromptText {
  const home = temporaryHome();
  homes.push(home);
  const collector = createCollector({ tool: "notes", version: "1.4.0", directories: { data: `${home.path}/data`, config: `${home.path}/config` }, ...options });
  collectors.push(collector);
  const subject = { tool: "notes", product: "Notes CLI", telemetryCommand: "notes telemetry", scope: scopeOf(collector) };
  return style === "gtb" ? gtbText(subject) : datarobotText(subject);
}

const said = (style: Style, options: Options = {}): string => {
  const { title, lines, question } = textOf(style, options);
  return [title, ...lines, question].join("\n");
};

const NOTHING = defineEvents({ events: { exported: { purpose: "Whether anybody exports." } } });
const QUERY = { type: "text", maxLength: 20, purpose: "What people look for." } as const;
const CATALOGS_WITH_PROPERTIES = {
  "of an event": defineEvents({ events: { searched: { purpose: "How it is used.", properties: { query: QUERY } } } }),
  "of every event": defineEvents({ events: {}, common: { properties: { query: QUERY } } }),
  "of every command": defineEvents({ events: {}, commands: { properties: { query: QUERY } } }),
  "of one command": defineEvents({ events: {}, commands: { byPath: { "notes find": { properties: { query: QUERY } } } } }),
};
const STYLES = ["gtb", "datarobot"] as const;
/** Promises that hold for a tool whose author has declared that it records nothing of its own. */
const PROMISES = /[Aa]nonymous|No personally identifiable|Personal information|Input values|File contents or paths/;

describe("the text for a tool that is declared to record nothing of its own", () => {
  it("has GTB's title, its three lines and where to see more", () => {
    expect(textOf("gtb", { catalog: NOTHING })).toEqual({
      title: "Anonymous usage telemetry",
      lines: [
        "Help improve notes by sending anonymous usage statistics.",
        "No personally identifiable information is collected.",
        "You can change this at any time with `notes telemetry enable/disable`.",
        "Events carry a pseudonymous id of this installation; `notes telemetry info` shows one.",
      ],
      question: "Send usage statistics?",
    });
  });

  it("has what the DataRobot CLI never collects", () => {
    expect(textOf("datarobot", { catalog: NOTHING }).lines).toEqual([
      "We'd like to collect usage data to improve the CLI.",
      "This includes:",
      "",
      "• Commands you run",
      "• Success/failure rates",
      "• Performance metrics",
      "",
      "We never collect:",
      "• Personal information or credentials",
      "• File contents or paths",
      "• Input values or arguments",
      "",
      "Events carry a pseudonymous id of this installation.",
      "",
      "You can opt-out anytime with: notes telemetry disable",
    ]);
  });
});

describe.each(STYLES)("the text %s", (style) => {
  it("says of every tool that its events carry a pseudonymous id", () => {
    for (const options of [{}, { catalog: NOTHING }, { userId: () => "u-1" }]) expect(said(style, options)).toContain("Events carry a pseudonymous id of this installation");
  });

  it.each<[string, Options]>([
    ["a tool without a catalog", {}],
    ["a tool without a catalog whose metadata are fixed", { metadata: { edition: "free" } }],
    ["a tool without a catalog that records arguments", { extendedCollection: true }],
  ])("promises nothing for %s, and says who may add what", (_, options) => {
    const text = said(style, options);
    expect(text).not.toMatch(PROMISES);
    expect(text).not.toMatch(/never collect/);
    expect(text).toMatch(/author (?:may add|chooses to add)/);
    expect(text.includes("rguments and error messages")).toBe(options.extendedCollection === true);
  });

  it.each(Object.entries(CATALOGS_WITH_PROPERTIES))("names where the declared properties are listed: %s", (_, catalog) => {
    const text = said(style, { catalog });
    expect(text).not.toMatch(PROMISES);
    expect(text).toMatch(/listed by:? `?notes telemetry info/);
  });

  it("promises nothing about arguments and errors where they are recorded", () => {
    const catalog = defineEvents({ events: {}, commands: { extended: { purpose: "To find faults." } } });
    const text = said(style, { catalog, extendedCollection: true });
    expect(text).not.toMatch(PROMISES);
    expect(text).toMatch(/[Aa]rguments and error messages/);
    expect(text).not.toContain("Arguments or error messages");
  });

  it("says that events may carry an id of the account where the tool has one", () => {
    const text = said(style, { catalog: NOTHING, userId: () => "u-1" });
    expect(text).not.toMatch(PROMISES);
    expect(text).toContain("They may carry an id of your account as well.");
  });
});

it("keeps the word `anonymous` out of the box, where Enter may mean yes", () => {
  for (const options of [{}, { catalog: NOTHING }]) expect(said("datarobot", options)).not.toMatch(/\banonymous/i);
});
