export {
  ConnectionError,
  InvalidAnswerError,
  InvalidEventError,
  InvalidPayloadError,
  InvalidSubjectTokenError,
  type LogFacts,
  type Logger,
  PayloadTooLargeError,
  PipitError,
  StreamMismatchError,
  TimeoutError,
  UnknownEventTypeError,
  UnreadableEventError,
  UnsupportedServerError,
} from '@pipit/types-registry';
export type { AggregateEvents } from './aggregate-events.ts';
export type { Alerts, DeadLetterAlert } from './alerts.ts';
export type {
  Bus,
  GroupLag,
  GroupOptions,
  Handler,
  HandlerContext,
  HandlerOfTypes,
  HandlerPerType,
  Handlers,
  RetryOptions,
  StopOptions,
  SubscribeOptions,
  Subscription,
} from './bus.ts';
export {
  GroupLostError,
  GroupMismatchError,
  InvalidSubscriptionError,
  StoppedError,
  StoreNotFoundError,
  SubscribeFailedError,
} from './bus-errors.ts';
export {
  AlreadyHandledError,
  CancelledError,
  HandleFailedError,
  InvalidCommandOptionError,
  MessageTooLargeError,
  NoHandlerError,
  NotHandledError,
  OutcomeUnknownError,
  RemoteError,
  type RemoteFailure,
} from './command-errors.ts';
export type { RequestCall, RequestMiddleware } from './commands/request-middleware.ts';
export type {
  AnswerOf,
  Commands,
  HandleOptions,
  Handling,
  Request,
  RequestContext,
  RequestHandler,
  RequestKind,
  SendOptions,
} from './commands.ts';
export { DeadLetterNotFoundError, DeadLetterParkedError } from './dead-letter-errors.ts';
export type { AttemptError, DeadLetter, DeadLetterFilter, DeadLetters } from './dead-letters.ts';
export type { DeliveredEvent } from './delivered-event.ts';
export type { Hub, HubOptions } from './hub.ts';
export { HubFailedError, HubStartedError, InvalidHubError } from './hub-errors.ts';
export type * from './inbox.ts';
export {
  InboxBusyError,
  InboxUnavailableError,
  InDoubtError,
  InvalidInboxError,
  StillRunningError,
} from './inbox-errors.ts';
export { type CircuitBreakerOptions, circuitBreaker } from './middleware/circuit-breaker.ts';
export { type InboxOptions, inbox } from './middleware/inbox.ts';
export { InvalidMiddlewareError } from './middleware/invalid-middleware-error.ts';
export { type LoggingOptions, logging } from './middleware/logging.ts';
export { type ThrottleOptions, throttle } from './middleware/throttle.ts';
export { timeout } from './middleware/timeout.ts';
export { type HandlerSpan, type TracingHook, tracing } from './middleware/tracing.ts';
export type { HandleEvent, Middleware, MiddlewarePlace } from './middleware.ts';
export {
  InvalidOperationError,
  OperationNotRecordedError,
  OperationsClosedError,
  OperationsReadError,
} from './operation-errors.ts';
export { isOperationId } from './operations/operation-id.ts';
export { type ChainStep, walkChain } from './operations/walk-chain.ts';
export type * from './operations.ts';
export { PausedError } from './paused-error.ts';
export { InvalidScheduleError, ScheduleInDoubtError, ScheduleRefusedError } from './schedule-errors.ts';
export type { Schedule, ScheduleOptions, Schedules, Timing } from './schedules.ts';
export {
  InvalidTopicError,
  PublishInDoubtError,
  PublishRefusedError,
  TopicStreamRefusedError,
} from './topic-errors.ts';
export { decodeTopicEvent, type TopicEvent, topicsStream } from './topic-event.ts';
export {
  defineTopic,
  type Published,
  type PublishOptions,
  type Topic,
  type TopicEventOf,
  type Topics,
} from './topics.ts';
