/** Once: a value made with the first use, for tables that a command may never need. */

/** Answers a function that makes the value at its first call and keeps it. */
export function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
