import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startProcess, temporaryHome } from "@candor/testing";
import { appendFileSync } from "node:fs";
import path from "node:path";
import { BUILT, type NotesTool, openNotesTool } from "./notes-tool.ts";

/** Every test starts several processes; a loaded machine is slow at that. */
const GROCERIES = "# Groceries\n\nTags: home\n\nBread, milk, a lemon.\n";

describe("notes", () => {
  let tool: NotesTool;

  beforeEach(() => {
    tool = openNotesTool(BUILT, { "notes/groceries.md": GROCERIES });
  });

  afterEach(() => tool.dispose());

  it("refuses a second note of the same title and leaves the first as it was", async () => {
    expect(await tool.run(["add", "Groceries"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("exists already") });
    expect(tool.read("notes/groceries.md")).toBe(GROCERIES);
  });

  it("refuses a title that cannot name a file", async () => {
    expect(await tool.run(["add", "../.."])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no letter or digit") });
  });

  it("refuses a tag that it could not read again", async () => {
    expect(await tool.run(["tag", "add", "Groceries", "a, b c"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is not a tag") });
    expect(tool.read("notes/groceries.md")).toBe(GROCERIES);
  });

  it("says that there is no such note to tag", async () => {
    expect(await tool.run(["tag", "add", "Taxes", "soon"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no note "Taxes"') });
  });

  it("exits with 1 when a search finds nothing", async () => {
    expect(await tool.run(["search", "caviar"])).toMatchObject({ exitCode: 1, stdout: "" });
  });

  it("exits with 3 and names the note when one is broken", async () => {
    const broken = openNotesTool(BUILT, { "notes/groceries.md": GROCERIES, "notes/scribble.md": "no heading\n" });
    const result = await broken.run(["check"]);
    await broken.dispose();
    expect(result).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/scribble\.md: it does not begin with a heading\n2 checked, 1 broken/) });
  });

  it("finds nothing wrong in what it has written itself", async () => {
    await tool.run(["add", "Reading list", "--tag", "books", "someday", "--body", "The Left Hand of Darkness"]);
    await tool.run(["tag", "add", "Reading list", "fiction"]);
    expect(tool.read("notes/reading-list.md")).toBe("# Reading list\n\nTags: books, someday, fiction\n\nThe Left Hand of Darkness\n");
    expect(await tool.run(["check"])).toMatchObject({ exitCode: 0, stdout: "2 checked, 0 broken\n" });
  });

  it("lists the notes that carry a tag", async () => {
    await tool.run(["add", "Reading list", "--tag", "books"]);
    expect((await tool.run(["list"])).stdout).toBe("Groceries     home\nReading list  books\n");
    expect((await tool.run(["list", "--tag", "books"])).stdout).toBe("Reading list  books\n");
  });

  it("finds a text whatever its case, with the line it stands on", async () => {
    const { stdout } = await tool.run(["search", "LEMON"]);
    expect(stdout).toBe(`${path.join("notes", "groceries.md")}:5: Bread, milk, a lemon.\n`);
  });

  it("keeps notes in the directory that was asked for", async () => {
    await tool.run(["--dir", "elsewhere", "add", "Taxes"]);
    expect(tool.read("elsewhere/taxes.md")).toBe("# Taxes\n");
  });

  it("tells of a change while it watches, until a signal ends it", async () => {
    const desk = temporaryHome({ "notes/groceries.md": GROCERIES });
    const watching = startProcess(process.execPath, [BUILT, "watch"], { environment: desk.environment, cwd: desk.path });
    await watching.waitForOutput("Press Ctrl-C");
    appendFileSync(path.join(desk.path, "notes/groceries.md"), "Eggs.\n");
    await watching.waitForOutput("changed: ");
    watching.child.kill("SIGTERM");
    const result = await watching.exited;
    desk.dispose();
    expect(result).toMatchObject({ exitCode: null, signal: "SIGTERM", stdout: expect.stringContaining(path.join("notes", "groceries.md")) });
  });

  it("writes nothing about telemetry while nobody has said yes", async () => {
    await tool.run(["list"]);
    expect(tool.homeFiles()).toEqual([]);
  });
});
