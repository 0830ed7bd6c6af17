import assert from 'node:assert/strict';
import { ConflictError, defineAggregate } from '@pipit/store';
import { memoryStore } from '@pipit/store/memory';
import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

const Deposited = defineEvent('money-deposited', z.object({ cents: z.number() }));
const Account = defineAggregate('account', {
  events: [Deposited],
  initial: { balance: 0 },
  evolve: { 'money-deposited': (state, { data }) => ({ balance: state.balance + data.cents }) },
});

const store = memoryStore({ name: 'bank', aggregates: [Account] });
await store.append(Account, 'ada', [Deposited.create({ cents: 300 }), Deposited.create({ cents: 200 })]);
await store.execute(Account, 'ada', (state) => Deposited.create({ cents: state.balance }));

const { state, revision } = await store.load(Account, 'ada');
const balance: number = state.balance;
assert.deepEqual({ balance, revision }, { balance: 1000, revision: 3 });
await assert.rejects(
  store.append(Account, 'ada', Deposited.create({ cents: 1 }), { expected: 1 }),
  ConflictError,
);
// @ts-expect-error the schema says that cents are a number, also when it comes out of a tarball
await assert.rejects(store.append(Account, 'ada', Deposited.create({ cents: 'three' })));
await store.close();
