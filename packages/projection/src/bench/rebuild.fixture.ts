import type { EventStore } from '@pipit/store';
import { defineProjection, type Projection, type Repository, runProjection } from '../index.ts';
import { Account, afterDeposit, type Balance, type } from './deposits.fixture.ts';

export function balancesIn(into: Repository<Balance>, shards = 1): Projection<Balance> {
  return defineProjection({
    name: 'balances',
    shards,
    from: [Account],
    on: { [type]: (row: Balance | undefined, { data }) => afterDeposit(row, data) },
    into,
  });
}

/** Builds the rows of all deposits, from the first to the last. */
export async function rebuild(
  store: EventStore<typeof Account>,
  repository: Repository<Balance>,
): Promise<void> {
  const running = runProjection(store, balancesIn(repository));
  await running.caughtUp();
  await running.stop();
}
