/**
 * An object that stands for another one, which each test makes anew: what is written beside the tests of a file can then name it
 * once, and nothing of a test before reaches the next.
 */

/** Stands for what `current` answers whenever it is used. Throws outside of a test, where that is nothing. */
export function standIn<Thing extends object>(what: string, current: () => Thing | undefined): Thing {
  const now = (): Thing => {
    const thing = current();
    if (thing === undefined) throw new Error(`there is no ${what} outside of a test`);
    return thing;
  };
  return new Proxy({} as Thing, {
    get: (_, name) => Reflect.get(now(), name) as unknown,
    set: (_, name, value) => Reflect.set(now(), name, value),
    // For those who copy it.
    ownKeys: () => Reflect.ownKeys(now()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(now(), name),
  });
}
