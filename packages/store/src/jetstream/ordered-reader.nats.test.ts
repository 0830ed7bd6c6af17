import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { subjectLayouts } from '@pipit/types-registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';
import { openApi } from './api.ts';
import { type Link, watchLink } from './link.ts';
import { followFrom, type OrderedReader, readRange } from './ordered-reader.ts';

let server: NatsServer;
let connection: NatsConnection;
let link: Link;
let bank: Omit<OrderedReader, 'holds'>;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
  const store = await jetStreamStore({ connection, name: 'bank', aggregates: [Account] });
  await store.append(Account, 'a', [deposit(1), deposit(2)]);
  await store.close();
  link = watchLink(connection);
  bank = { api: await openApi(connection, {}), link, stream: 'bank', layout: subjectLayouts.aggregate };
});
afterAll(async () => {
  link.close();
  await connection.close();
  await server.stop();
});

const range = { filters: ['bank.>'], fromPosition: 1, fromTime: undefined };
/** An end that the replica that delivers has not come to. */
const end = 5;

it('who follows from a replica that is behind is told of the end only once the leader answers', async () => {
  let asked = 0;
  const holds = async () => {
    asked += 1;
    if (asked === 1) throw new Error('there is no leader');
    return false;
  };
  const ending = new AbortController();
  const options = { ...range, head: end, nothingYet: false, prefixes: undefined, signal: ending.signal };
  const seen: [number, boolean][] = [];
  for await (const { messages, caughtUp } of followFrom({ ...bank, holds }, options)) {
    seen.push([messages.length, caughtUp]);
    if (caughtUp) ending.abort();
  }
  expect(seen).toEqual([
    [2, false],
    [0, true],
  ]);
});

it('a read that is aborted while the leader is asked for more ends with the reason', async () => {
  const reason = new Error('enough');
  const aborting = new AbortController();
  const holds: OrderedReader['holds'] = (_filters, _from, _to, signal) => {
    const { promise, reject } = Promise.withResolvers<boolean>();
    signal?.addEventListener('abort', () => reject(signal.reason));
    aborting.abort(reason);
    return promise;
  };
  const reading = readRange({ ...bank, holds }, { ...range, toPosition: end, signal: aborting.signal });
  await expect(Array.fromAsync(reading)).rejects.toBe(reason);
});
