import { expect, it } from 'vitest';
import { createEventStore } from '../create-event-store.ts';
import type { EventLog } from '../event-log.ts';
import { Account, deposit } from '../jetstream/account.fixture.ts';
import { memoryLog, memorySnapshots } from '../memory.ts';

function openOn(log: EventLog) {
  return createEventStore(log, { aggregates: [Account], snapshotStore: memorySnapshots() });
}

/** Reads as of a replica that has only the first event, until the log was asked how far the aggregate goes. */
function behind(log: EventLog): EventLog {
  let told = false;
  return {
    ...log,
    revision(aggregate, signal) {
      told = true;
      return log.revision(aggregate, signal);
    },
    async *readAggregate(aggregate, range) {
      const isStale = !told;
      for await (const messages of log.readAggregate(aggregate, range))
        yield isStale ? messages.slice(0, 1) : messages;
    },
  };
}

async function withTwoDeposits(): Promise<EventLog> {
  const log = memoryLog('bank');
  await openOn(log).append(Account, 'a', [deposit(1), deposit(10)]);
  return log;
}

it('a refusal rests on the latest state, not on that of a replica that is behind', async () => {
  const store = openOn(behind(await withTwoDeposits()));
  const seen: number[] = [];
  const withdrawn = await store.execute(Account, 'a', ({ cents }) => {
    seen.push(cents);
    if (cents < 5) throw new RangeError(`only ${cents}`);
    return deposit(-5);
  });
  expect(withdrawn).toMatchObject({ revision: 3, state: { cents: 6 } });
  expect(seen).toEqual([1, 11]);
  const refused = store.execute(Account, 'a', ({ cents }) => {
    throw new RangeError(`only ${cents}`);
  });
  await expect(refused).rejects.toThrow('only 6');
});

it('so does a decision to do nothing', async () => {
  const store = openOn(behind(await withTwoDeposits()));
  expect(await store.execute(Account, 'a', () => [])).toMatchObject({ revision: 2, state: { cents: 11 } });
});
