export { decodeAnswer, encodeAnswer, InvalidAnswerError } from './answer.ts';
export type { Catalog } from './catalog.ts';
export { type Codec, json, messagePack, rawBytes } from './codec.ts';
export { defineEvent, type EventDefinition, type EventOf, type NewEventOf } from './define-event.ts';
export {
  type CommandDefinition,
  type CommandOf,
  defineCommand,
  defineQuery,
  defineState,
  type Message,
  type NewMessageOf,
  type QueryDefinition,
  type StateDefinition,
} from './define-message.ts';
export type { DataOf, Definition, DefinitionOptions, InputOf, SchemaVersion } from './definition.ts';
export type { Envelope, UnrevisedEnvelope } from './envelope.ts';
export {
  InvalidEventError,
  InvalidSubjectTokenError,
  MalformedEnvelopeError,
  UnreadableEventError,
} from './envelope-errors.ts';
export type {
  AggregateRef,
  DomainEvent,
  JsonValue,
  Metadata,
  NewEvent,
  NewEventOptions,
  RecordedEvent,
} from './event.ts';
export { type EventDraft, eventHeaders, messageIdHeader, revisionHeader } from './event-message.ts';
export { type HeaderBlock, headerBlock } from './header-block.ts';
export {
  checkSchemas,
  IncompatibleSchemasError,
  type SchemaCheck,
  type SchemaProblem,
} from './lock/check-schemas.ts';
export { type JsonSchema, type JsonSchemaOptions, NoJsonSchemaError } from './lock/json-schema.ts';
export { type LockedEvent, type LockedForm, type SchemaLock, schemaLock } from './lock/schema-lock.ts';
export { guardLogger, type LogFacts, type Logger, processWarnings } from './logger.ts';
export type { Header } from './metadata.ts';
export type { EncodedPayload } from './payload.ts';
export { PipitError } from './pipit-error.ts';
export { defineRegistry, type Registry } from './registry.ts';
export {
  AsyncSchemaError,
  type DefinitionKind,
  InvalidPayloadError,
  InvalidRegistryError,
  MalformedBytesError,
  type PayloadIssue,
  UnknownCodecError,
  UnknownEventTypeError,
  UnknownSchemaVersionError,
  UnknownTypeError,
  UpcastError,
  type ValidationPhase,
} from './registry-errors.ts';
export { lostInRoundTrip } from './round-trip.ts';
export {
  ConnectionError,
  type ConnectionErrorReason,
  PayloadTooLargeError,
  type StreamDifference,
  StreamMismatchError,
  TimeoutError,
  UnsupportedServerError,
} from './server-errors.ts';
export {
  decodeEvent,
  eventTypeOf,
  readEnvelope,
  readUnrevisedEnvelope,
  type StoredMessage,
} from './stored-message.ts';
export { type LayoutName, type SubjectLayout, subjectLayouts } from './subject-layout.ts';
export { decodeToken, encodeToken, requireStoreName } from './subject-token.ts';
export { currentTrace, isTraceparent, type Trace, traceAfter, withTrace } from './trace.ts';
