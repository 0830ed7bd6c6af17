export { testBus } from './testing/bus-contract.ts';
export type { CommandInstanceOptions, OpenedCommands } from './testing/command-contract/opened.ts';
export { commandContract } from './testing/command-contract.ts';
export { type BusOpener, contractEvents, type OpenedBus } from './testing/contract-blog.ts';
export { type InboxSettings, type OpenedInbox, testInbox } from './testing/inbox-contract.ts';
export { type OpenedOperations, operationContract } from './testing/operation-contract.ts';
export { type OpenedSchedules, scheduleContract } from './testing/schedule-contract.ts';
export { type OpenedTopics, topicContract } from './testing/topic-contract.ts';
