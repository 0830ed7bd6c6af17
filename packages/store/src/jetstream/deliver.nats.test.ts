import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, Deposited, deposit } from './account.fixture.ts';
import { openApi } from './api.ts';
import { mostBytes, mostMessages } from './pull-consumer.ts';

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer({ config: { max_payload: 12_000_000 } });
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

async function open(name: string) {
  return jetStreamStore({ connection, name, aggregates: [Account] });
}

/** How many messages the server has sent to the one consumer of a stream, once it has sent what was asked for. */
async function delivered(stream: string): Promise<number> {
  const { manager } = await openApi(connection, {});
  const count = async () => (await manager.consumers.list(stream).next())[0]?.delivered.consumer_seq ?? 0;
  for (let before = -1; ; ) {
    const now = await count();
    if (now > 0 && now === before) return now;
    before = now;
  }
}

const noted = (characters: number) => Deposited.create({ cents: 1, note: 'x'.repeat(characters) });

it('a reader that stands still holds no more than it says', async () => {
  const store = await open('many');
  for (let round = 0; round < 6; round += 1) await store.append(Account, 'a', Array(1_000).fill(deposit(1)));
  const reading = store.read()[Symbol.asyncIterator]();
  await reading.next();
  expect(await delivered('many')).toBeLessThanOrEqual(mostMessages);
  const following = store.follow()[Symbol.asyncIterator]();
  await reading.return?.();
  await following.next();
  expect(await delivered('many')).toBeLessThanOrEqual(mostMessages);
  await following.return?.();
  await store.close();
});

it('a reader that stands still holds no more bytes than it says, and reads on', async () => {
  const store = await open('large');
  const size = 700_000;
  for (let index = 0; index < 40; index += 1) await store.append(Account, 'a', noted(size));
  const reading = store.read()[Symbol.asyncIterator]();
  await reading.next();
  expect((await delivered('large')) * size).toBeLessThanOrEqual(mostBytes);
  let read = 1;
  while ((await reading.next()).done !== true) read += 1;
  expect(read).toBe(40);
  await store.close();
});

it('an event larger than all that is held at once is read alone', async () => {
  const store = await open('huge');
  for (const size of [10, mostBytes + 1_000, 10, 20]) await store.append(Account, 'a', noted(size));
  const began = Date.now();
  const events = await Array.fromAsync(store.read());
  expect(events.map(({ data }) => data.note?.length)).toEqual([10, mostBytes + 1_000, 10, 20]);
  expect(Date.now() - began).toBeLessThan(1_000);
  await store.close();
});
