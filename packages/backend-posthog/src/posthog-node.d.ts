/**
 * The part of posthog-node that candor uses, as the compiler is told to see it (`paths` in tsconfig.json). The package's
 * own declarations need a browser's types and those of Express, which a command-line tool has no reason to install.
 */
import type { JsonValue } from "@candor/backend";

/** One event as `capture` takes it. */
export interface EventMessage {
  /** Replaced by a random one when it is none. */
  readonly uuid: string;
  readonly event: string;
  readonly distinctId: string;
  readonly timestamp: Date;
  readonly properties: Readonly<Record<string, JsonValue>>;
}

export interface PostHogOptions {
  readonly host: string;
  /** Also the least size of the queue and of a request. */
  readonly flushAt: number;
  /** 0 sets no timer. */
  readonly flushInterval: number;
  readonly fetchRetryCount: number;
  /** Milliseconds. */
  readonly requestTimeout: number;
  readonly disableCompression: boolean;
  readonly disableGeoip: boolean;
  readonly isServer: boolean;
  readonly enableExceptionAutocapture: boolean;
  fetch(url: string, options: { readonly body?: unknown }): Promise<{ readonly status: number; text(): Promise<string>; json(): Promise<unknown> }>;
}

export class PostHog {
  constructor(apiKey: string, options: PostHogOptions);
  capture(message: EventMessage): void;
  /** Sends what was captured. Rejects when the answer is not a success. */
  flush(): Promise<void>;
}
