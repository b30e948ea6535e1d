import { expect, it } from "@jest/globals";
import { validateHeaderValue } from "node:http";
import { userAgent } from "../src/user-agent.ts";

it.each([
  ["1.2.3", "notes/1.2.3 candor"],
  ["1.2.3-β", "notes/1.2.3-_ candor"],
  ["1.0 – 🙂", "notes/1.0 _ _ candor"],
  ["\ud800é\r\nx: y", "notes/____x: y candor"],
])("a tool of version %j is named as HTTP can carry it", (toolVersion, named) => {
  expect(userAgent({ toolName: "notes", toolVersion })).toBe(named);
  expect(() => validateHeaderValue("user-agent", named)).not.toThrow();
});
