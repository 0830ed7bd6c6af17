export type {
  Bus,
  Handler,
  HandlerContext,
  Handlers,
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
export type { LogFacts, Logger } from './logger.ts';
