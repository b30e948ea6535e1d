/**
 * Credential shapes: what keys and tokens look like by themselves. Formats are those their vendors document; each body is
 * at least as long as the shortest one issued, mostly shorter, so that a key cut by a log is still known. It decides
 * nothing about names, addresses and paths.
 */
import { once } from "./once.ts";
import { isMadeOfWords, isOpaqueBase64 } from "./opaque-run.ts";
import { MASK } from "./masks.ts";
import type { ShapeRule } from "./redaction-rules.ts";

const TOKEN_MASK = "<redacted-token>";

/** A capital or a digit soon tells a key from words in a row, as in `sk-estimator-repr-fallback`. */
const RANDOM = "(?=[a-z_-]{0,64}[A-Z\\d])";

/** Prefixes that vendors put on credentials, and the shortest body that makes one. The prefix stays readable. */
const PREFIXES: readonly (readonly [prefixes: string, body: string])[] = [
  // OpenAI, Anthropic and many after them; Cerebras; GitLab; PyPI; HashiCorp Vault; Google OAuth; Tailscale; Fly.
  ["c?sk-|gl(?:pat|rt|rtr|dt|cbt|ptt|ft|soat|oas|agent|imt|ffct)-|GR1348941|pypi-|hv[sbr]\\.|GOCSPX-|tskey-|fo1_", `${RANDOM}[\\w-]{16,}`],
  // Docker, Figma, Netlify, Supabase, CircleCI, Buildkite, LangSmith, Pinecone, NVIDIA, Grafana, Contentful, Postman, Brevo, Heroku,
  // Shippo, Duffel, PlanetScale.
  [
    "dckr_[po]at_|figd_|nfp_|sb_secret_|CCIP(?:AT|RJ)_|bk[a-z]{2,3}_|lsv2_(?:pt|sk)_|pcsk_|nvapi-|glsa_|CFPAT-|PMAK-|xkeysib-|HRKU-|" +
      "(?:shippo|duffel)_(?:live|test)_|pscale_(?:tkn|pw|oauth)_",
    `${RANDOM}[\\w-]{20,}`,
  ],
  ["github_pat_", "[A-Za-z0-9_]{30,}"],
  // GitHub, npm, Hugging Face, DigitalOcean, Shopify, PostHog, Linear, Groq, Replicate, Render, Typeform, Prefect, Notion, RubyGems,
  // ReadMe, Supabase, Sentry, Perplexity, xAI, Infracost; Adafruit and crates.io.
  [
    "gh[opsur]_|npm_|hf_|api_org_|do[opr]_v1_|shp(?:at|ca|pa|ss)_|ph[csx]_|lin_(?:api|oauth)_|gsk_|r8_|rnd_|" +
      "tfp_|pnu_|ntn_|rubygems_|rdme_|sbp_|sntryu_|pplx-|xai-|(?<!\\.)ico-",
    "[A-Za-z0-9]{30,}",
  ],
  ["aio_|cio", "[A-Za-z0-9]{28,}"],
  // Slack, Google, AWS, Alibaba, Tencent, Stripe, Square, SendGrid, age, Octopus, 1Password.
  ["xox[a-z]-|xapp-|xwfp-", "[A-Za-z0-9-]{10,}"],
  ["AIza|ya29\\.|1//0", "[\\w-]{30,}"],
  ["A[KS]IA|ABIA|ACCA", "[A-Z0-9]{16,}"],
  ["LTAI|AKID", "[A-Za-z0-9]{16,}"],
  ["[srp]k_(?:live|test|prod)_|whsec_", "[A-Za-z0-9]{10,}"],
  ["sq0(?:atp|csp|idp)-|EAAA", "[\\w-]{22,}"],
  ["SG\\.", "[\\w-]{16,}\\.[\\w-]{16,}"],
  ["AGE-SECRET-KEY-|API-", "[A-Z0-9]{26,}"],
  ["A3-", "[A-Z0-9]{6}-[A-Z0-9-]{20,}"],
  // Twilio, Mailgun, Databricks, Pulumi, SonarQube, Sourcegraph.
  ["SK|key-|dapi|pul-|sq[aup]_|sgp_", "[0-9a-fA-F]{32,}"],
  // Doppler, Dynatrace, Terraform Cloud, OpenShift, New Relic.
  ["dp\\.(?:pt|st|sa|ct|scim|audit)\\.|dt0c01\\.|sha256~|NRAK-", "[\\w-]{24,}(?:\\.[\\w-]{24,})?"],
];

const alreadyMasked = once(
  () => new RegExp(`^(?:(?:${PREFIXES.map(([prefixes]) => prefixes).join("|")})?\\*{3}|<redacted[a-z0-9-]*>)[.:!?]*$`),
);

/** Words of prose that follow `bearer` and are no credential. */
const BEARER_PROSE = /^(?:auth\w*|credentials?|format|header|of|schemes?|tokens?|type)[.:!?]?$/i;

function maskScheme(match: string, scheme = "", space = "", value = ""): string {
  if (alreadyMasked().test(value) || BEARER_PROSE.test(value)) return match;
  return `${scheme}${space}${/^[\w-]{41,}$/.test(value) ? TOKEN_MASK : MASK}`;
}

/** One expression for all prefixes: a text is walked once, whatever their number. */
const allPrefixes = (): string => PREFIXES.map(([prefixes, body]) => `(${prefixes})${body}`).join("|");

/** Asked at the start of each word only: that is five times as fast. */
const LONG_WORD = /(?<![\w-])[\w-]{15}/;

/** Secrets known by their shape alone. What GTB recognises is answered as GTB answers it. */
export const credentialShapes = once((): readonly ShapeRule[] => [
  { name: "JSON web token", hint: /eyJ/, pattern: /(?<![\w-])eyJ[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]+){0,2}/g, replace: TOKEN_MASK },
  {
    // Bedrock, Fly, Grafana Cloud, Sentry, 1Password, Facebook; any JSON in base64 that is long.
    name: "vendor's prefix before base64",
    hint: /ABSK|fm[12]|glc_|sntrys_|EAA[MC]|eyJ/,
    pattern: /(?<![A-Za-z0-9])(ABSK|fm[12][ar]?_|glc_|sntrys_|ops_eyJ|EAA[MC]|eyJ)[\w+/-]{40,}={0,2}/g,
    replace: `$1${MASK}`,
  },
  {
    // Telegram, Discord, Facebook, Mailchimp, Azure, Terraform Cloud, and the secret path of a Slack web hook.
    name: "vendor's format without a prefix",
    hint: /:AA|\d\||[MNO][\w-]{23}|-us\d|\dQ~|atlasv1|hooks\.slack/,
    pattern: new RegExp(
      `(?<![A-Za-z0-9])(?:\\d{8,10}:AA[\\w-]{32,}|[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,}|\\d{15,16}\\|[\\w-]{27,}|` +
        `[0-9a-f]{32}-us\\d{1,2}(?!\\w)|[\\w~.]{3}\\dQ~[\\w~.-]{31,34}|[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{40,}|` +
        `(?<=hooks\\.slack\\.com/[a-z]{4,12}/)[\\w/]{20,})`,
      "g",
    ),
    replace: TOKEN_MASK,
  },
  {
    name: "opaque base64",
    hint: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}/,
    pattern: /(?<![\w+/=.:@\\-])[A-Za-z0-9+/]{40,}={0,2}(?![\w+/.-])/g,
    replace: (match) => (isOpaqueBase64(match) ? TOKEN_MASK : match),
  },
  {
    name: "vendor's prefix",
    hint: LONG_WORD,
    pattern: new RegExp(`(?<![A-Za-z0-9])(?:${allPrefixes()})`, "g"),
    replace: (_match, ...groups) => `${groups.find((group) => group !== undefined) ?? ""}${MASK}`,
  },
  {
    name: "long opaque run",
    hint: LONG_WORD,
    // A digest whose name stands before it is none.
    pattern:
      /\b(?<!sha(?:1|224|256|384|512)["']?[:=.]\s?["']?)(?!(?<=(?:checksum|digest|fingerprint)["']?[:=]\s?["']?)[0-9a-f]+\b)[\w-]{41,}\b/gi,
    replace: (match) => (isMadeOfWords(match) ? match : TOKEN_MASK),
  },
  { name: "bearer token", hint: /bearer/i, pattern: /\b(bearer)([ \t]+)(?!(?:bearer|basic)\s)([^\s"',;)\]}]{4,})/gi, replace: maskScheme },
  {
    name: "basic credentials",
    hint: /basic/i,
    pattern: /\b([Bb]asic|BASIC)([ \t]+)([A-Za-z0-9+/_-]{6,}={0,2})/g,
    // A capital inside the word, a digit or padding tells base64 from prose such as "basic example".
    replace: (match, scheme, space, value = "") => (/\d|=|[a-z][A-Z]/.test(value) ? maskScheme(match, scheme, space, value) : match),
  },
]);
