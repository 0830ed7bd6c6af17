import { createEventStore } from './create-event-store.ts';
import { memoryLog, memorySnapshots } from './memory.ts';
import { testEventStore } from './testing.ts';

testEventStore('memoryStore', async (options) => {
  const log = memoryLog('bank');
  const snapshotStore = memorySnapshots();
  const open = () => createEventStore(log, { snapshotStore, ...options });
  return { store: open(), another: async () => open() };
});
