import { describe, expect, it } from "@jest/globals";
import { createRedactor } from "../src/redaction/redaction.ts";

const { text: redact } = createRedactor();

describe("redaction of a quote that was never closed", () => {
  it.each([
    "password:'\n'clientSecret' => 'Q7bcd Q7bcd'",
    "password='\n'clientSecret' => 'Q7bcd Q7bcd'",
    'password: "\n"client_secret": "Q7bcd Q7bcd"',
    "password:''clientSecret' => 'Q7bcd Q7bcd'",
    '{\\"password\\":\\"\n\\"secret\\":\\"Q7bcd Q7bcd\\"}',
  ])("takes the next quote for the beginning of a name: %j", (input) => {
    expect(redact(input)).not.toContain("Q7bcd");
  });
});
