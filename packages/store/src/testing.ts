export { type OpenedStore, type StoreOpener, testEventStore } from './testing/store-contract.ts';
export { type OpenedSnapshotStore, testSnapshotStore } from './testing/snapshot-store-contract.ts';
