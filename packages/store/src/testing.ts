export { type OpenedStore, type StoreOpener, testEventStore } from './testing/store-contract.ts';
