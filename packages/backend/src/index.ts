/** @candor/backend: what a destination must be, and the one way candor talks HTTP. */
export { createAttempts, type Attempt, type Attempts } from "./attempts.ts";
export { type Backend, type BackendContext, type BackendFactory, type BatchLimits, type DeliveryResult, type Rejection, type SendContext, type UnnamedRejections } from "./backend.ts";
export { type DeletionOutcome, type DeletionRequestor, type DeletionSubject } from "./deletion.ts";
export { CandorError, type CandorErrorCode, isCandorError } from "./errors.ts";
export { type EventType, eventToJson, type JsonValue, type Metadata, type TelemetryEvent } from "./event.ts";
export { anySignal, isLeavable, leavable } from "./leaving.ts";
export { type LogFields, type Logger, silentLogger } from "./logger.ts";
export { describeEndpoint, type EndpointOptions, type ParsedEndpoint, parseEndpoint } from "./endpoint.ts";
export type { GetRequest, PemMaterial, PostAnswer, PostFailure, PostFault, PostRequest, PostResult, TlsSettings } from "./exchange.ts";
export { get, post } from "./lazy-post.ts";
export { isLoopbackHost } from "./loopback.ts";
export { invalidOption, isRecord, readFlag, readHeaders, readPath, readTimeout, readWhole, refuseUnknown } from "./read-option.ts";
export { classifyFailure, classifyStatus, isForeignPage, retryAfterMs } from "./response.ts";
export { type BackgroundTask, type BackgroundTaskContext } from "./background-task.ts";
export { isSensitiveHeader } from "./sensitive-header.ts";
export { checkTlsFiles, readTlsFiles, type TlsFiles } from "./tls-files.ts";
export { userAgent } from "./user-agent.ts";
