/**
 * The joined bytes: many texts as one piece of memory, without the one large text in between. V8 moves a large text that is alive when it
 * tidies up to where it seldom does, so that in a long delivery they would pile up.
 */

/** The texts one behind the other, each in UTF-8. */
export function joinedBytes(texts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  let length = 0;
  for (const text of texts) length += bytes.write(text, length);
  // Never more than was written: what lies behind it is somebody else's memory.
  return bytes.subarray(0, length);
}
