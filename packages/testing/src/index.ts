/** @candor/testing: what proves that a backend, or a tool that uses candor, keeps its promises. */
export { type AmplitudeIntake, type AmplitudeIntakeOptions, startAmplitudeIntake } from "./amplitude-intake.ts";
export { backendContract, type BackendContractOptions, type ContractRunner } from "./contract.ts";
export { type BackendHarness, type Capability } from "./contract-case.ts";
export { type Intake, type IntakeOptions, startIntake } from "./intake.ts";
export { type DatadogIntake, type DatadogIntakeOptions, startDatadogIntake, type StoredLog } from "./datadog-intake.ts";
export { type AnswerReply, type IntakeRequest, type ScriptedReply, type ServerReply } from "./intake-reply.ts";
export { processesIn, type ProcessSeen } from "./processes-in.ts";
export { type PostHogEvent, type PostHogIntake, type PostHogIntakeOptions, type PostHogState, startPostHogIntake } from "./posthog-intake.ts";
export { type ProcessOptions, type ProcessResult, type RunningProcess, runProcess, type RunOptions, startProcess } from "./run-process.ts";
export { sampleEvent, sampleEvents } from "./sample-event.ts";
export { type ScriptedResult, type SpyBackend, spyBackend, type SpyBackendOptions } from "./spy-backend.ts";
export { type TemporaryHome, temporaryHome } from "./temporary-home.ts";
export { waitUntil } from "./wait-until.ts";
