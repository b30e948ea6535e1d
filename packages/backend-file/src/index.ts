/** @candor/backend-file: events as newline-delimited JSON in a private, bounded file on this machine. */
export { fileBackend, fileBackend as default, type FileBackendOptions } from "./backend.ts";
