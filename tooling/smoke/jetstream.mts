import assert from 'node:assert/strict';
import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

const Deposited = defineEvent('money-deposited', z.object({ cents: z.number() }));
const Account = defineAggregate('account', {
  events: [Deposited],
  initial: { balance: 0 },
  evolve: { 'money-deposited': (state, { data }) => ({ balance: state.balance + data.cents }) },
});

const server = await startNatsServer();
const connection = await connect({ servers: server.url });
try {
  const store = await jetStreamStore({ connection, name: 'bank', aggregates: [Account] });
  await store.append(Account, 'ada', [Deposited.create({ cents: 300 }), Deposited.create({ cents: 200 })]);
  const { state, revision } = await store.load(Account, 'ada');
  const balance: number = state.balance;
  assert.deepEqual({ balance, revision }, { balance: 500, revision: 2 });
  await store.close();
} finally {
  await connection.close();
  await server.stop();
}
