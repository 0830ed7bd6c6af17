import { expect, it } from 'vitest';
import { createEventStore } from './create-event-store.ts';
import { Account, deposit } from './jetstream/account.fixture.ts';
import { memoryLog, memorySnapshots, memoryStore } from './memory.ts';
import { testEventStore } from './testing.ts';

testEventStore('memoryStore', async (options) => {
  const log = memoryLog('bank');
  const snapshotStore = memorySnapshots();
  const open = () => createEventStore(log, { snapshotStore, ...options });
  return { store: open(), another: async () => open() };
});

it('memoryStore stores events at the time of its clock', async () => {
  let now = new Date('2020-01-01');
  const store = memoryStore({ name: 'bank', aggregates: [Account], clock: () => now });
  await store.append(Account, 'a', deposit(1));
  now = new Date('2020-01-03');
  await store.append(Account, 'a', deposit(2));
  const asOf = new Date('2020-01-02');
  expect(await store.load(Account, 'a', { asOf })).toMatchObject({ revision: 1, state: { cents: 1 } });
  expect(await Array.fromAsync(store.read({ fromTime: asOf }))).toMatchObject([{ revision: 2 }]);
});
