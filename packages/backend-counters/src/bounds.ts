/** The bounds of an upload: what the backend sends at most, and so what the relay's part reads at most. */

/** Series of one installation: a tool has fewer commands, and the body of an upload stays below 4 MB whatever they are called. */
export const MAX_SERIES = 2_000;

/** Longest path, version and system, in characters. */
export const MAX_TEXT_LENGTH = 256;

/** Highest count and exit status: 15 digits, which every reader of JSON and YAML holds exactly. */
export const MAX_NUMBER = 999_999_999_999_999;
