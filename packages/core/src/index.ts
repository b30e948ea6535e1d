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
export {
  type Catalog,
  type CommandsDeclaration,
  defineEvents,
  type EventDeclaration,
  type ItemDeclaration,
  type OptionalPropertyDeclaration,
  type PropertyDeclaration,
  type ValueDeclaration,
} from "./catalog/catalog.ts";
export type { CommandProperties, CommonProperties, EventName, EventProperties } from "./catalog/declared-properties.ts";
export type { CatalogCollector, CollectorFor } from "./collector/catalog-collector.ts";
export type { Collector, Due } from "./collector/collector.ts";
export type { BackendLoader, BoundOptions, CollectorOptions, DeletionChoice, DeliveryOptions, MetadataSource, RedactionOptions, TaskChoice } from "./config/config.ts";
export type { ConsentDecision, ConsentOptions, ConsentSource, LegacyVariable } from "./consent/consent.ts";
export type { ConsentStore, StoreAnswer, StoreChange } from "./consent/tool-store.ts";
export { createCollector } from "./collector/create-collector.ts";
export type { BackendChoice } from "./destination/destination.ts";
export type { CommandOutcome, ExtendedOutcome, GivenProperties, Properties } from "./event/event.ts";
export type { FlushResult } from "./delivery/in-process-delivery.ts";
export type { Installation } from "./collector/installation.ts";
export type { RedactionRule } from "./redaction/author-rules.ts";
export type { LossCounts, LossReason, PropertyLossReason } from "./spool/loss-counts.ts";
export type { Ports } from "./platform/ports.ts";
export type { ProcessEnd } from "./collector/process-end.ts";
export { serveAsUploader } from "./uploader/serve-as-uploader.ts";
