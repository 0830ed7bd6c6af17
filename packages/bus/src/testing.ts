export { testBus } from './testing/bus-contract.ts';
export { type BusOpener, contractEvents, type OpenedBus } from './testing/contract-blog.ts';
