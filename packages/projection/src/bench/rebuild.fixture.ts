import type { EventStore } from '@pipit/store';
import { defineProjection, type Repository, runProjection } from '../index.ts';
import { Account, afterDeposit, type Balance } from './deposits.fixture.ts';

/** Builds the rows of all deposits, from the first to the last. */
export async function rebuild(
  store: EventStore<typeof Account>,
  repository: Repository<Balance>,
): Promise<void> {
  const balances = defineProjection({
    name: 'balances',
    from: [Account],
    on: { 'money-deposited': (row, { data }) => afterDeposit(row, data) },
    into: repository,
  });
  const running = runProjection(store, balances);
  await running.caughtUp();
  await running.stop();
}
