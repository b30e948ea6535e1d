/** @candor/backend-amplitude: events in Amplitude, built by its SDK and acknowledged by Amplitude itself. */
export { amplitudeBackend, amplitudeBackend as default } from "./backend.ts";
export type { AmplitudeBackendOptions } from "./options.ts";
export type { TlsFiles } from "@candor/backend";
