/**
 * Datadog's sites, and where each takes logs. A site is a separate installation with its own keys and its
 * own data, often in another country; so a name that is not here is refused, never guessed.
 */

/**
 * Sites as Datadog writes them in the list of its "Send logs" endpoints, by their short names. The names up to `gov` are GTB's
 * regions (GTB-59); the others are candor's, for sites that are newer than GTB.
 */
const SITES = {
  us1: "datadoghq.com",
  us3: "us3.datadoghq.com",
  us5: "us5.datadoghq.com",
  eu1: "datadoghq.eu",
  ap1: "ap1.datadoghq.com",
  ap2: "ap2.datadoghq.com",
  gov: "ddog-gov.com",
  gov2: "us2.ddog-gov.com",
  uk1: "uk1.datadoghq.com",
} as const;

/** A site of Datadog, in full or by its short name. */
export type DatadogSite = keyof typeof SITES | (typeof SITES)[keyof typeof SITES];

/** Every name that `intakeOf` knows, for an error that lists the choices. */
export const siteNames: readonly string[] = [...Object.values(SITES), ...Object.keys(SITES)];

/** The address that takes a site's logs; undefined for a site that is not known. */
export function intakeOf(site: string): URL | undefined {
  if (!siteNames.includes(site)) return undefined;
  const domain = new Map<string, string>(Object.entries(SITES)).get(site) ?? site;
  return new URL(`https://http-intake.logs.${domain}/api/v2/logs`);
}
