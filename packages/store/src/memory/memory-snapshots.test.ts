import { testSnapshotStore } from '../testing.ts';
import { memorySnapshots } from './memory-snapshots.ts';

testSnapshotStore('memorySnapshots', async () => {
  const store = memorySnapshots();
  return { store, another: async () => store };
});
