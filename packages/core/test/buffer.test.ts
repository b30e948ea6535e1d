import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { createBuffer } from "../src/collector/buffer.ts";
import { namedEvents, names } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";

describe("buffer", () => {
  it.each(vectorsOf<{ max_buffer: number; tracked: number }, { buffered_at_most: number; kept: string }>("gtb.buffer_bound"))("$id: keeps the newest and no more than the bound", ({ input, expected }) => {
    const buffer = createBuffer<{ readonly name: string }>(input.max_buffer);
    let dropped = 0;
    for (const event of namedEvents(input.tracked)) {
      dropped += buffer.push(event);
      expect(buffer.size).toBeLessThanOrEqual(Math.min(input.max_buffer, expected.buffered_at_most));
    }
    expect(expected.kept).toBe("newest");
    expect(names(buffer.takeAll())).toEqual(names(namedEvents(input.max_buffer, input.tracked - input.max_buffer + 1)));
    expect(dropped).toBe(input.tracked - input.max_buffer);
  });

  it("behaves as a list that is cut at the front", () => {
    const [event] = namedEvents(1);
    if (!event) throw new Error("no event");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom("push", "push", "push", "take"), { maxLength: 60 }), (most, actions) => {
        const buffer = createBuffer<{ readonly name: string }>(most);
        let model: string[] = [];
        const answers: [got: unknown, expected: unknown][] = [];
        actions.forEach((action, index) => {
          if (action === "push") {
            model.push(String(index));
            const expected = Math.max(0, model.length - most);
            model = model.slice(expected);
            answers.push([buffer.push({ ...event, name: String(index) }), expected]);
          } else {
            answers.push([buffer.takeAll().map(({ name }) => name), model]);
            model = [];
          }
          answers.push([buffer.size, model.length]);
        });
        expect(answers.map(([got]) => got)).toEqual(answers.map(([, expected]) => expected));
      }),
    );
  });
});
