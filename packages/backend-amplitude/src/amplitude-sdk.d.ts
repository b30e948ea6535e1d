/**
 * The part of `@amplitude/analytics-node` 1.5.73 that is used. The package's own declarations need a browser's types and contradict
 * themselves under `exactOptionalPropertyTypes`, so `paths` in tsconfig.json puts these in their place.
 */

/** What the SDK hands to its transport: the whole request. */
export interface Payload {
  readonly api_key: string;
  /** The events as they were tracked, each with what the SDK adds. */
  readonly events: readonly object[];
  readonly options?: { readonly min_id_length?: number };
  readonly client_upload_time?: string;
}

export interface Transport {
  send(serverUrl: string, payload: Payload): Promise<{ readonly status: "success"; readonly statusCode: number }>;
}

/** Where the SDK writes its lines. `logLevel` is only told to `enable`; every line arrives. */
export interface SdkLogger {
  enable(logLevel: number): void;
  disable(): void;
  log(...parts: unknown[]): void;
  debug(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}

export interface NodeOptions {
  readonly serverUrl?: string;
  readonly serverZone?: "US" | "EU";
  readonly useBatch?: boolean;
  readonly minIdLength?: number;
  readonly flushQueueSize?: number;
  readonly flushIntervalMillis?: number;
  readonly flushMaxRetries?: number;
  /** 0 none, 1 error, 2 warn, 3 verbose, 4 debug. */
  readonly logLevel?: 0 | 1 | 2 | 3 | 4;
  readonly loggerProvider?: SdkLogger;
  readonly transportProvider?: Transport;
}

export interface NodeClient {
  init(apiKey: string, options: NodeOptions): { readonly promise: Promise<void> };
  track(event: object): { readonly promise: Promise<{ readonly code: number; readonly message: string }> };
  flush(): { readonly promise: Promise<void> };
}

/** A client of its own, apart from the one that the package shares. */
export declare function createInstance(): NodeClient;
