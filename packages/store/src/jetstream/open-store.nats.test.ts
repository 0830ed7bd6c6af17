import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import {
  ConnectionError,
  InvalidSubjectTokenError,
  PayloadTooLargeError,
  StreamMismatchError,
} from '@pipit/types-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { jetStreamStore } from '../jetstream.ts';
import { AppendRejectedError } from '../store-errors.ts';
import { Account, Deposited, deposit, Tally } from './account.fixture.ts';

let server: NatsServer;
let connection: NatsConnection;
const aggregates = [Account];

beforeAll(async () => {
  server = await startNatsServer({ config: { max_payload: 65_536 } });
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

async function configOf(name: string) {
  return (await (await jetstreamManager(connection)).streams.info(name)).config;
}

describe('opening a store', () => {
  it('creates its stream with what the guarantees need, and with the settings asked for', async () => {
    await jetStreamStore({
      connection,
      name: 'fresh',
      aggregates,
      stream: { max_age: 3_600e9, description: 'money' },
    });
    expect(await configOf('fresh')).toMatchObject({
      subjects: ['fresh.*.*'],
      deny_delete: true,
      deny_purge: true,
      allow_direct: true,
      allow_atomic: true,
      discard: 'new',
      retention: 'limits',
      storage: 'file',
      max_age: 3_600e9,
      description: 'money',
      metadata: { 'pipit-layout': 'aggregate' },
    });
  });

  it('refuses what is no connection, and one that is closed', async () => {
    const unconnected = jetStreamStore({ name: 'none', aggregates } as never);
    await expect(unconnected).rejects.toThrow(InvalidArgumentError);
    const unawaited = { connection: connect({ servers: server.url }), name: 'none', aggregates };
    await expect(jetStreamStore(unawaited as never)).rejects.toThrow(/^connection is none/);
    const closed = await unawaited.connection;
    await closed.close();
    await expect(jetStreamStore({ ...unawaited, connection: closed })).rejects.toMatchObject({
      code: 'CONNECTION',
      reason: 'unreachable',
      message: expect.stringContaining('The NATS connection is closed.'),
    });
  });

  it('opens the same store again, also from several processes at once', async () => {
    const stores = await Promise.all(
      Array.from({ length: 5 }, () => jetStreamStore({ connection, name: 'shared', aggregates })),
    );
    await stores[0]?.append(Account, 'a', deposit(1));
    expect(await stores[4]?.load(Account, 'a')).toMatchObject({ revision: 1 });
  });

  it('refuses a stream of that name with other settings, lists the differences and changes nothing', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'theirs', subjects: ['theirs.>'], max_msgs: 10 });
    const before = await configOf('theirs');
    const opening = jetStreamStore({ connection, name: 'theirs', aggregates });
    await expect(opening).rejects.toThrow(StreamMismatchError);
    const error = await opening.catch((reason: StreamMismatchError) => reason);
    expect((error as StreamMismatchError).differences).toEqual(
      expect.arrayContaining([
        { setting: 'subjects', expected: ['theirs.*.*'], actual: ['theirs.>'] },
        { setting: 'deny_delete', expected: true, actual: false },
        { setting: 'allow_atomic', expected: true, actual: undefined },
        { setting: 'metadata.pipit-layout', expected: 'aggregate', actual: undefined },
      ]),
    );
    expect(await configOf('theirs')).toEqual(before);
  });

  it.each([
    { no_ack: true },
    { discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 5 },
    { allow_rollup_hdrs: true, deny_purge: false },
    { subject_transform: { src: 'odd.*.*', dest: 'odd.{{wildcard(2)}}.{{wildcard(1)}}' } },
    { sources: [{ name: 'somewhere' }] },
    { sealed: true },
  ])('refuses a stream that is what it should be, but for %o', async (settings) => {
    const manager = await jetstreamManager(connection);
    const asked = {
      ...{ name: 'odd', subjects: ['odd.*.*'], storage: 'file', retention: 'limits', discard: 'new' },
      ...{ deny_delete: true, deny_purge: true, allow_direct: true, allow_atomic: true },
      ...{ metadata: { 'pipit-layout': 'aggregate' } },
    };
    const isSealed = 'sealed' in settings;
    const config = { ...asked, ...(isSealed ? {} : settings) } as Parameters<typeof manager.streams.add>[0];
    await manager.streams.add(config);
    if (isSealed) await manager.streams.update('odd', settings as never);
    try {
      const opening = jetStreamStore({ connection, name: 'odd', aggregates });
      await expect(opening).rejects.toThrow(StreamMismatchError);
      const setting = Object.keys(settings).find((name) => name !== 'discard') ?? '';
      await expect(opening).rejects.toThrow(new RegExp(setting));
    } finally {
      await manager.streams.delete('odd');
    }
  });

  it('gives the bucket of snapshots the storage that its stream has', async () => {
    await jetStreamStore({
      connection,
      name: 'volatile',
      aggregates,
      stream: { storage: 'memory' as never },
    });
    const store = await jetStreamStore({ connection, name: 'volatile', aggregates: [Tally] });
    await store.append(Tally, 't', deposit(1));
    await store.load(Tally, 't');
    await store.close();
    expect(await configOf('KV_volatile_snapshots')).toMatchObject({ storage: 'memory', num_replicas: 1 });
  });

  it('says why the server did not create its stream', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'greedy', subjects: ['overlap.>'] });
    const overlapping = jetStreamStore({ connection, name: 'overlap', aggregates });
    await expect(overlapping).rejects.toMatchObject({
      code: 'STREAM_REFUSED',
      store: 'overlap',
      serverCode: 10065,
    });
    const threeReplicas = jetStreamStore({
      connection,
      name: 'alone',
      aggregates,
      stream: { num_replicas: 3 },
    });
    await expect(threeReplicas).rejects.toMatchObject({ code: 'STREAM_REFUSED', store: 'alone' });
  });

  it('refuses a store of the other layout', async () => {
    await jetStreamStore({ connection, name: 'by-event', aggregates, layout: 'event' });
    await expect(jetStreamStore({ connection, name: 'by-event', aggregates })).rejects.toThrow(
      /pipit-layout is "event", expected "aggregate"/,
    );
    await jetStreamStore({ connection, name: 'by-event', aggregates, layout: 'event' });
  });

  it('reports settings that drifted where no promise depends on them, and changes nothing', async () => {
    await jetStreamStore({ connection, name: 'drifted', aggregates, stream: { max_age: 60e9 } });
    const reported: unknown[] = [];
    const store = await jetStreamStore({
      connection,
      name: 'drifted',
      aggregates,
      stream: { max_age: 120e9, metadata: { team: 'a' } },
      onDrift: (differences) => reported.push(...differences),
    });
    expect(reported).toEqual([
      { setting: 'max_age', expected: 120e9, actual: 60e9 },
      { setting: 'metadata.team', expected: 'a', actual: undefined },
    ]);
    await store.append(Account, 'a', deposit(1));
    expect((await configOf('drifted')).max_age).toBe(60e9);
  });

  it('refuses names that no stream can have, and settings it decides itself', async () => {
    for (const name of ['', 'a.b', 'a b', '*', '>', 'x'.repeat(200), 'ü']) {
      await expect(jetStreamStore({ connection, name, aggregates })).rejects.toThrow(
        InvalidSubjectTokenError,
      );
    }
    const stream = { deny_delete: false } as never;
    await expect(jetStreamStore({ connection, name: 'own', aggregates, stream })).rejects.toThrow(
      InvalidArgumentError,
    );
    await expect(
      jetStreamStore({ connection, name: 'own', aggregates, layout: 'x' as never }),
    ).rejects.toThrow(InvalidArgumentError);
  });

  it('says when the server runs without JetStream', async () => {
    const plain = await startNatsServer({ jetStream: false });
    const plainConnection = await connect({ servers: plain.url });
    try {
      const opening = jetStreamStore({ connection: plainConnection, name: 'bank', aggregates });
      await expect(opening).rejects.toThrow(ConnectionError);
      await expect(opening).rejects.toMatchObject({ reason: 'jetstream-disabled' });
    } finally {
      await plainConnection.close();
      await plain.stop();
    }
  });
});

describe('an old server', () => {
  it('is refused by what it cannot do, before anything is created on it', async () => {
    const old = await startNatsServer({
      version: '>=2.9 <2.12',
      env: { ...process.env, NATS_SERVER_BIN: '' },
    });
    const oldConnection = await connect({ servers: old.url });
    try {
      const opening = jetStreamStore({ connection: oldConnection, name: 'bank', aggregates });
      await expect(opening).rejects.toMatchObject({ code: 'UNSUPPORTED_SERVER', version: old.version });
      await expect(opening).rejects.toThrow(/needs nats-server 2.12 or newer: upgrade/);
      const manager = await jetstreamManager(oldConnection);
      expect(await manager.streams.names().next()).toEqual([]);
    } finally {
      await oldConnection.close();
      await old.stop();
    }
  }, 120_000);
});

describe('an append', () => {
  it('over the server’s limit is refused before anything is written, alone or among others', async () => {
    const store = await jetStreamStore({ connection, name: 'limits', aggregates });
    const large = Deposited.create({ cents: 1, note: 'x'.repeat(65_536) });
    await expect(store.append(Account, 'a', large)).rejects.toThrow(PayloadTooLargeError);
    await expect(store.append(Account, 'a', [deposit(1), large])).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      limit: 65_536,
    });
    expect(await store.position()).toBe(0);
    await store.append(Account, 'a', Deposited.create({ cents: 1, note: 'x'.repeat(65_536 - 1_024) }));
  });

  it('over the stream’s own limits is refused with the server’s reason', async () => {
    const store = await jetStreamStore({
      connection,
      name: 'full',
      aggregates,
      stream: { max_msgs: 1, max_msg_size: 2_000 },
    });
    const large = Deposited.create({ cents: 1, note: 'x'.repeat(3_000) });
    const tooLarge = { code: 'PAYLOAD_TOO_LARGE', limit: 2_000 };
    await expect(store.append(Account, 'a', large)).rejects.toMatchObject(tooLarge);
    await expect(store.append(Account, 'a', [deposit(1), large, deposit(1)])).rejects.toMatchObject(tooLarge);
    expect(await store.position()).toBe(0);
    await store.append(Account, 'a', deposit(1));
    await expect(store.append(Account, 'a', deposit(2))).rejects.toThrow(AppendRejectedError);
    expect(await store.load(Account, 'a')).toMatchObject({ revision: 1 });
  });
});
