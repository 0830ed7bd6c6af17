import { json, UnreadableEventError } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { createEventStore } from './create-event-store.ts';
import { Account, deposit } from './jetstream/account.fixture.ts';
import { memoryLog, memorySnapshots } from './memory.ts';

/** Account `a` with five events, of which the third cannot be read. */
async function storeWithUnreadable() {
  const log = memoryLog('bank');
  const store = createEventStore(log, {
    aggregates: [Account],
    snapshotStore: memorySnapshots(),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  });
  await store.append(Account, 'a', [deposit(1), deposit(2)]);
  const payload = { contentType: json.contentType, schemaVersion: 1, bytes: json.encode({ cents: 'many' }) };
  const draft = { id: 'bad', type: 'deposited', time: new Date(), metadata: {}, payload };
  const aggregate = { type: 'account', id: 'a' };
  await log.append({
    parts: [{ aggregate, expected: 2, drafts: [draft] }],
    mayRepeat: false,
    timeout: 1_000,
  });
  await store.append(Account, 'a', [deposit(4), deposit(5)]);
  return store;
}

it('an event that cannot be read is in nobody’s way who does not ask for it', async () => {
  const store = await storeWithUnreadable();
  expect(await store.load(Account, 'a', { toRevision: 2 })).toMatchObject({
    revision: 2,
    state: { cents: 3 },
  });
  await expect(store.load(Account, 'a', { toRevision: 3 })).rejects.toThrow(UnreadableEventError);
  const read = async (range: { readonly fromRevision?: number; readonly toRevision?: number }) =>
    (await Array.fromAsync(store.read({ aggregate: Account, id: 'a', ...range }))).map(
      ({ revision }) => revision,
    );
  expect(await read({ toRevision: 2 })).toEqual([1, 2]);
  expect(await read({ fromRevision: 4 })).toEqual([4, 5]);
  expect(await read({ fromRevision: 5, toRevision: 5 })).toEqual([5]);
  await expect(read({ fromRevision: 3 })).rejects.toThrow(UnreadableEventError);
});

it('what is skipped is counted only where it was asked for', async () => {
  const store = await storeWithUnreadable();
  const skipping = async (range: { readonly fromRevision?: number; readonly toRevision?: number }) => {
    const reading = store.read({ aggregate: Account, id: 'a', unreadable: 'skip', ...range });
    const events = await Array.fromAsync(reading);
    return [events.length, reading.skipped];
  };
  expect(await skipping({})).toEqual([4, 1]);
  expect(await skipping({ toRevision: 2 })).toEqual([2, 0]);
  expect(await skipping({ fromRevision: 4 })).toEqual([2, 0]);
});
