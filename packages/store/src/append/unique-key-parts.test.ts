import { expect, it } from 'vitest';
import { createEventStore } from '../create-event-store.ts';
import type { EventLog } from '../event-log.ts';
import { Account, deposit } from '../jetstream/account.fixture.ts';
import { memoryLog, memorySnapshots } from '../memory.ts';
import { release, reserve } from './unique-key.ts';

const email = 'ada@example.com';

function openOn(log: EventLog) {
  return createEventStore(log, { aggregates: [Account], snapshotStore: memorySnapshots() });
}

/** Reads as of a replica that has only the first event of each key, until the log was asked how far it goes. */
function behind(log: EventLog): EventLog {
  let told = false;
  return {
    ...log,
    revision(aggregate, signal) {
      told = true;
      return log.revision(aggregate, signal);
    },
    async *readAggregate(aggregate, range) {
      const isStale = !told && aggregate.type.startsWith('unique:');
      for await (const messages of log.readAggregate(aggregate, range))
        yield isStale ? messages.slice(0, 1) : messages;
    },
  };
}

/** The key went from b to a. */
async function handedOver() {
  const log = memoryLog('bank');
  const store = openOn(log);
  await store.append(Account, 'b', [deposit(1), reserve('email', email)]);
  await store.append(Account, 'b', [deposit(1), release('email', email)]);
  await store.append(Account, 'a', [deposit(1), reserve('email', email)]);
  return { log, store };
}

it('a key is taken only if the log confirms it, not a replica that is behind', async () => {
  const { log, store } = await handedOver();
  await openOn(behind(log)).append(Account, 'a', [deposit(1), release('email', email)]);
  expect(await store.keyOwner('email', email)).toBeUndefined();
});

it('the owner of a key is asked of the log, not of a replica that is behind', async () => {
  const { log } = await handedOver();
  expect(await openOn(behind(log)).keyOwner('email', email)).toEqual({ type: 'account', id: 'a' });
});
