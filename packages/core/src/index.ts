/** @candor/core: the public door. */
export type {
  Backend,
  BackendContext,
  BackendFactory,
  BatchLimits,
  DeletionOutcome,
  DeletionRequestor,
  DeletionSubject,
  DeliveryResult,
  EventType,
  JsonValue,
  Logger,
  Metadata,
  Rejection,
  TelemetryEvent,
} from "@candor/backend";
export { CandorError, type CandorErrorCode, isCandorError } from "@candor/backend";
export type { Collector, Properties } from "./collector.ts";
export type { BackendLoader, BoundOptions, CollectorOptions, DeletionChoice, DeliveryOptions } from "./config.ts";
export type { ConsentDecision, ConsentOptions, ConsentSource, LegacyVariable } from "./consent.ts";
export { createCollector } from "./create-collector.ts";
export type { BackendChoice } from "./destination.ts";
export type { CommandOutcome, ExtendedOutcome } from "./event.ts";
export type { FlushResult } from "./in-process-delivery.ts";
export type { Installation } from "./installation.ts";
export type { LossCounts, LossReason } from "./losses.ts";
export type { Ports } from "./ports.ts";
export type { ProcessEnd } from "./process-end.ts";
export { serveAsUploader } from "./serve-as-uploader.ts";
