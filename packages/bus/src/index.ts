export type { LogFacts, Logger } from '@pipit/types-registry';
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
