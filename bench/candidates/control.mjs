/** The control: the same command without telemetry. */
export const about = { name: "no telemetry", packages: [], configuration: "the command alone" };

export function open() {
  return { track: () => undefined, close: () => undefined };
}
