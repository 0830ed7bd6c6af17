import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';

/** Far more than are open at once, and than a server stores in the time they are given. */
const batches = 2_000;

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

it('a batch that waits for others past its deadline is not sent, and in no doubt', async () => {
  const store = await jetStreamStore({ connection, name: 'crowded', aggregates: [Account] });
  const appends = await Promise.allSettled(
    Array.from({ length: batches }, (_, index) =>
      store.append(Account, `a${index}`, [deposit(1), deposit(2)], { timeout: 300, expected: 'none' }),
    ),
  );
  await store.close();
  const outcomes = appends.map((one) => (one.status === 'fulfilled' ? 'STORED' : one.reason.code));
  const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
  expect(count('TIMEOUT')).toBeGreaterThan(batches / 3);
  expect(count('APPEND_IN_DOUBT')).toBeLessThan(batches / 10);
  const other = await jetStreamStore({ connection, name: 'crowded', aggregates: [Account] });
  const stored = (await other.position()) / 2;
  expect(stored).toBeGreaterThanOrEqual(count('STORED'));
  expect(stored).toBeLessThanOrEqual(count('STORED') + count('APPEND_IN_DOUBT'));
  await other.close();
}, 60_000);
