export { fixedClock, given, sequentialIds } from './spec.ts';
export { type OpenedSnapshotStore, testSnapshotStore } from './testing/snapshot-store-contract.ts';
export { type OpenedStore, type StoreOpener, testEventStore } from './testing/store-contract.ts';
