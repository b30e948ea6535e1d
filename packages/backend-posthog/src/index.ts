/** @candor/backend-posthog: events in PostHog by its own SDK, anonymous by default and acknowledged by the server. */
export { posthogBackend, posthogBackend as default } from "./backend.ts";
export type { PostHogBackendOptions } from "./options.ts";
export type { TlsFiles } from "@candor/backend";
