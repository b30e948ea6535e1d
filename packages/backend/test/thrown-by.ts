/** What `work` throws; `undefined` when it throws nothing. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    // What a test then looks at.
    return error;
  }
}
