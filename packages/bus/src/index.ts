export type { LogFacts, Logger } from '@pipit/types-registry';
export type { AggregateEvents } from './aggregate-events.ts';
export type {
  Bus,
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
export type { AroundRequest, RequestCall } from './commands/around.ts';
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
export { DeadLetterNotFoundError } from './dead-letter-errors.ts';
export type { AttemptError, DeadLetter, DeadLetterFilter, DeadLetters } from './dead-letters.ts';
export {
  InvalidOperationError,
  OperationNotRecordedError,
  OperationsClosedError,
  OperationsReadError,
} from './operation-errors.ts';
export { isOperationId } from './operations/operation-id.ts';
export { type ChainStep, walkChain } from './operations/walk-chain.ts';
export type * from './operations.ts';
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
