import { describe, expect, it } from "@jest/globals";
import { isSilentError, SilentError } from "../src/index.ts";

describe("a silent error", () => {
  it.each([[new Error("loud")], [{ code: "ERR_CANDOR_SILENT" }], ["ERR_CANDOR_SILENT"], [null], [undefined]])("is not %p", (thrown) => {
    expect(isSilentError(thrown)).toBe(false);
  });

  it("is known by its code, whichever copy of the package made it", () => {
    expect(isSilentError(Object.assign(new Error("shown"), { code: "ERR_CANDOR_SILENT" }))).toBe(true);
    expect(isSilentError(new SilentError())).toBe(true);
  });

  it("fails a tool with 1 unless told otherwise", () => {
    expect(new SilentError()).toMatchObject({ name: "SilentError", message: "", exitCode: 1 });
    const cause = new Error("why");
    expect(new SilentError("shown", { exitCode: 4, cause })).toMatchObject({ message: "shown", exitCode: 4, cause });
  });
});
