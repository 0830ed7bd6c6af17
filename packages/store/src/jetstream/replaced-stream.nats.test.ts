import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import type { Logger } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';
import { type Proxy as ServerProxy, startProxy } from './proxy.fixture.ts';

let server: NatsServer;
let proxy: ServerProxy;
let admin: NatsConnection;
const connections: NatsConnection[] = [];

beforeEach(async () => {
  const user = (name: string, permissions = {}) => ({ user: name, password: 'x', permissions });
  const deaf = user('deaf', { subscribe: { allow: ['_INBOX.>'] } });
  server = await startNatsServer({ config: { authorization: { users: [user('admin'), deaf] } } });
  proxy = await startProxy(server.port);
  admin = await connect({ servers: server.url, user: 'admin', pass: 'x' });
});

afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  await admin.close();
  await proxy.close();
  await server.stop();
});

describe.each(['aggregate', 'event'] as const)('in layout %s', (layout) => {
  const options = { name: 'bank', layout, aggregates: [Account] };

  async function open(user: string, servers = server.url) {
    const given = { servers, user, pass: 'x', maxReconnectAttempts: -1, reconnectTimeWait: 50 };
    const connection = await connect(given);
    connections.push(connection);
    const warnings: string[] = [];
    const logger: Logger = { info: () => {}, warn: (_, text) => void warnings.push(text), error: () => {} };
    return { connection, warnings, store: await jetStreamStore({ ...options, connection, logger }) };
  }

  /** Another stream, in which `a` ends at sequence 3 as well, and elsewhere. */
  async function replace() {
    await (await jetstreamManager(admin)).streams.delete('bank');
    const fresh = await jetStreamStore({ ...options, connection: admin });
    await fresh.append(Account, 'b', deposit(1));
    await fresh.append(Account, 'b', deposit(1));
    await fresh.append(Account, 'a', deposit(1_000));
  }

  async function revisionsOfA() {
    const fresh = await jetStreamStore({ ...options, connection: admin });
    const events = await Array.fromAsync(fresh.read({ aggregate: Account, id: 'a' }));
    return events.map(({ revision }) => revision);
  }

  const noticed = (warnings: readonly string[]) =>
    vi.waitFor(() => expect(warnings).toEqual([expect.stringContaining('another stream')]), 5_000);

  it('a store whose stream is deleted and made anew forgets what it remembered', async () => {
    const { store, warnings } = await open('admin');
    for (const cents of [1, 2, 3]) await store.execute(Account, 'a', () => deposit(cents));
    const followed = Array.fromAsync(store.follow({ aggregate: Account, fromPosition: 4 }));
    const ended = expect(followed).rejects.toMatchObject({ code: 'READ_FAILED' });
    await replace();
    await noticed(warnings);
    const result = await store.execute(Account, 'a', ({ cents }) => deposit(cents));
    expect(result).toMatchObject({ revision: 2, state: { cents: 2_000 } });
    expect(await revisionsOfA()).toEqual([1, 2]);
    await ended;
  });

  it('so does one that was not connected then, before it appends', async () => {
    const { store, warnings } = await open('deaf', proxy.url);
    for (const cents of [1, 2, 3]) await store.execute(Account, 'a', () => deposit(cents));
    proxy.hold();
    proxy.cut();
    await replace();
    const waiting = store.execute(Account, 'a', ({ cents }) => deposit(cents));
    const guarded = store.append(Account, 'a', deposit(1), { expected: 3 });
    const refused = expect(guarded).rejects.toMatchObject({ code: 'CONFLICT', expected: 3 });
    proxy.release();
    expect(await waiting).toMatchObject({ revision: 2, state: { cents: 2_000 } });
    await refused;
    await noticed(warnings);
    expect(await revisionsOfA()).toEqual([1, 2]);
  });

  it('so does one that gets no advisories, when appends are refused', async () => {
    const { store, warnings } = await open('deaf');
    await store.append(Account, 'c', deposit(1));
    for (const cents of [1, 2, 3]) await store.execute(Account, 'a', () => deposit(cents));
    await replace();
    await vi.waitFor(async () => {
      const refused = store.append(Account, 'b', deposit(1), { expected: 99 });
      await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', actual: 2 });
      expect(warnings).toHaveLength(1);
    }, 10_000);
    expect(await store.append(Account, 'c', deposit(1))).toMatchObject({ revision: 1 });
    expect(await store.execute(Account, 'a', ({ cents }) => deposit(cents))).toMatchObject({ revision: 2 });
    expect(await revisionsOfA()).toEqual([1, 2]);
  });

  it('so does one whose guard held by accident, and it says so', async () => {
    const { store, warnings } = await open('deaf');
    for (const cents of [1, 2, 3]) await store.execute(Account, 'a', () => deposit(cents));
    for (const cents of [1, 2, 3]) await store.append(Account, 'c', deposit(cents));
    await replace();
    const accident = store.append(Account, 'a', deposit(1));
    await expect(accident).rejects.toMatchObject({ code: 'MISSING_REVISION', expected: 2, actual: 4 });
    await noticed(warnings);
    expect(await store.append(Account, 'c', deposit(1))).toMatchObject({ revision: 1 });
  });
});

it('a store that loses its connection to the same stream keeps what it remembers, and goes on', async () => {
  const connection = await connect({
    ...{ servers: proxy.url, user: 'admin', pass: 'x' },
    ...{ maxReconnectAttempts: -1, reconnectTimeWait: 50 },
  });
  connections.push(connection);
  const warnings: string[] = [];
  const logger: Logger = { info: () => {}, warn: (_, text) => void warnings.push(text), error: () => {} };
  const store = await jetStreamStore({ connection, name: 'bank', aggregates: [Account], logger });
  const { revision } = await store.append(Account, 'a', deposit(1));
  proxy.cut();
  const next = await store.append(Account, 'a', deposit(1), { expected: revision });
  expect(next.revision).toBe(2);
  expect(warnings).toEqual([]);
});
