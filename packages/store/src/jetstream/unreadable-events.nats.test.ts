import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import type { LogFacts } from '@pipit/types-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, Deposited, deposit } from './account.fixture.ts';

let server: NatsServer;
let connection: NatsConnection;
const aggregates = [Account];

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

describe('what others wrote into the stream', () => {
  const skipped: LogFacts[] = [];

  async function openWith(name: string, fields: Readonly<Record<string, string>>, body: string) {
    const warn = (facts: LogFacts) => void skipped.push(facts);
    const logger = { info: () => {}, warn, error: warn };
    const store = await jetStreamStore({ connection, name, aggregates, logger });
    await store.append(Account, 'a', deposit(1));
    const meta = headers();
    for (const [key, value] of Object.entries(fields)) meta.append(key, value);
    await connection.request(`${name}.account.a`, body, { headers: meta, timeout: 5_000 });
    return store;
  }

  const envelope = {
    'ce-id': 'x',
    'ce-specversion': '1.0',
    'ce-source': '/x',
    'ce-type': 'deposited',
    'ce-time': '2026-01-01T00:00:00Z',
  };

  it('is read when it is a CloudEvent in structured mode', async () => {
    const event = {
      specversion: '1.0',
      id: 'x',
      source: '/x',
      type: 'deposited',
      revision: 2,
      data: { cents: 41 },
    };
    const store = await openWith(
      'structured',
      { 'Content-Type': 'application/cloudevents+json' },
      JSON.stringify(event),
    );
    expect(await store.load(Account, 'a')).toMatchObject({ revision: 2, state: { cents: 42 } });
    expect(await store.append(Account, 'a', deposit(1))).toMatchObject({ revision: 3 });
  });

  it('stops who follows some aggregates where nobody can tell the aggregate of an event', async () => {
    const store = await openWith('no-aggregate', { ...envelope, 'ce-revision': '2' }, '{"cents":1}');
    const meta = headers();
    for (const [key, value] of Object.entries({ ...envelope, 'ce-revision': '1' })) meta.append(key, value);
    await connection.request('no-aggregate.account.=zz', '{"cents":1}', { headers: meta, timeout: 5_000 });
    await store.append(Account, 'b', deposit(1));

    const selection = { events: [Deposited], only: ({ id }: { readonly id: string }) => id === 'b' };
    const stopped = store.follow(selection);
    await expect(Array.fromAsync(stopped)).rejects.toMatchObject({
      code: 'UNREADABLE_EVENT',
      position: 3,
      type: 'deposited',
    });
    const end = new AbortController();
    const found = { ids: [] as string[], skipped: 0 };
    for await (const batch of store.follow({ ...selection, unreadable: 'skip', signal: end.signal })) {
      found.ids.push(...batch.events.map(({ aggregate }) => aggregate.id));
      found.skipped += batch.skipped;
      if (batch.position === 4) end.abort();
    }
    expect(found).toEqual({ ids: ['b'], skipped: 1 });
  });

  it('stops a load with stream, position, type and cause when it cannot be read', async () => {
    const unknown = await openWith(
      'unknown-type',
      { ...envelope, 'ce-type': 'stolen', 'ce-revision': '2' },
      '{}',
    );
    await expect(unknown.load(Account, 'a')).rejects.toMatchObject({
      code: 'UNREADABLE_EVENT',
      stream: 'unknown-type',
      position: 2,
      type: 'stolen',
      cause: { code: 'UNKNOWN_EVENT_TYPE' },
    });
    const misfit = await openWith('misfit', { ...envelope, 'ce-revision': '2' }, '{"cents":"many"}');
    await expect(misfit.load(Account, 'a')).rejects.toMatchObject({
      position: 2,
      cause: { code: 'INVALID_PAYLOAD' },
    });
    const garbage = await openWith('garbage', { ...envelope, 'ce-revision': '2' }, '{');
    await expect(garbage.load(Account, 'a')).rejects.toMatchObject({
      position: 2,
      cause: { code: 'MALFORMED_BYTES' },
    });
    const foreign = await openWith('foreign', {}, 'hello');
    await expect(foreign.load(Account, 'a')).rejects.toMatchObject({
      position: 2,
      cause: { code: 'MALFORMED_ENVELOPE' },
    });
    await expect(foreign.append(Account, 'a', deposit(1), { expected: 2 })).rejects.toMatchObject({
      code: 'UNREADABLE_EVENT',
    });
    await expect(Array.fromAsync(foreign.read({ events: [Deposited] }))).rejects.toMatchObject({
      code: 'UNREADABLE_EVENT',
    });
  });

  it('is noticed where it leaves a hole in the revisions', async () => {
    const store = await openWith('hole', { ...envelope, 'ce-revision': '3' }, '{"cents":1}');
    await expect(store.load(Account, 'a')).rejects.toMatchObject({
      code: 'MISSING_REVISION',
      stream: 'hole',
      expected: 2,
      actual: 3,
      position: 2,
    });
  });

  it('ends a reading unless it is told to skip, which is counted and logged', async () => {
    skipped.length = 0;
    const store = await openWith('skipping', { ...envelope, 'ce-revision': '2' }, '{"cents":"many"}');
    await connection.request('skipping.account.b', 'hello', { timeout: 5_000 });
    await store.append(Account, 'c', deposit(3));

    await expect(Array.fromAsync(store.read())).rejects.toMatchObject({
      code: 'UNREADABLE_EVENT',
      position: 2,
    });
    const reading = store.read({ unreadable: 'skip' });
    expect((await Array.fromAsync(reading)).map(({ position }) => position)).toEqual([1, 4]);
    expect(reading.skipped).toBe(2);
    expect(skipped).toMatchObject([
      { store: 'skipping', position: 2, type: 'deposited', err: { code: 'UNREADABLE_EVENT' } },
      { store: 'skipping', position: 3, type: undefined },
    ]);
    const one = store.read({ unreadable: 'skip', aggregate: Account, id: 'a' });
    expect(await Array.fromAsync(one)).toHaveLength(1);
    expect(one.skipped).toBe(1);
  });

  it('ends a follower behind the events before it, unless it is told to skip', async () => {
    const store = await openWith('following', { ...envelope, 'ce-revision': '2' }, '{"cents":"many"}');
    await store.append(Account, 'c', deposit(3));
    const seen: number[] = [];
    const following = async (unreadable: 'stop' | 'skip') => {
      let left = 0;
      for await (const batch of store.follow({ unreadable })) {
        const { events, position, caughtUp } = batch;
        left += batch.skipped;
        seen.push(...events.map((event) => event.position));
        if (caughtUp) return { position, left };
      }
      throw new Error('it ended');
    };
    await expect(following('stop')).rejects.toMatchObject({ code: 'UNREADABLE_EVENT', position: 2 });
    expect(seen).toEqual([1]);
    expect(await following('skip')).toMatchObject({ position: 3, left: 1 });
    expect(seen).toEqual([1, 1, 3]);
  });

  it('is refused where an option makes no sense', async () => {
    const store = await openWith('senseless', { ...envelope, 'ce-revision': '2' }, '{"cents":1}');
    const read = Array.fromAsync(store.read({ unreadable: 'never' as never }));
    await expect(read).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
