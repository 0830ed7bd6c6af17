import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jetStreamBus } from '../jetstream.ts';
import { aggregates, Post, publish } from './blog.fixture.ts';

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

describe('opening a bus', () => {
  it('of a store that does not exist says to open the store first', async () => {
    const opening = jetStreamBus({ connection, store: 'nowhere', aggregates });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_NOT_FOUND', store: 'nowhere' });
    await expect(opening).rejects.toThrow(/Open the store first/);
  });

  it('on a stream that is not a store of Pipit is refused with the differences', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'theirs', subjects: ['theirs.>'] });
    await expect(jetStreamBus({ connection, store: 'theirs', aggregates })).rejects.toMatchObject({
      code: 'STREAM_MISMATCH',
      differences: [
        { setting: 'metadata.pipit-layout', expected: 'aggregate or event', actual: undefined },
        { setting: 'allow_atomic', expected: true, actual: undefined },
      ],
    });
  });

  it('with a name that no store can have is refused', async () => {
    for (const store of ['a.b', '*', '', '_INBOX']) {
      const opening = jetStreamBus({ connection, store, aggregates });
      await expect(opening).rejects.toMatchObject({ code: 'INVALID_SUBJECT_TOKEN' });
    }
  });

  it('on a server without JetStream, or one that is gone, says which it is', async () => {
    const plain = await startNatsServer({ jetStream: false });
    const plainConnection = await connect({ servers: plain.url, timeout: 2_000 });
    const open = () => jetStreamBus({ connection: plainConnection, store: 'blog', aggregates });
    await expect(open()).rejects.toMatchObject({ code: 'CONNECTION', reason: 'jetstream-disabled' });
    await plainConnection.close();
    await expect(open()).rejects.toMatchObject({ code: 'CONNECTION', reason: 'unreachable' });
    await plain.stop();
  });

  it('reaches a JetStream in a domain of its own', async () => {
    const hub = await startNatsServer({ config: { jetstream: { domain: 'hub' } } });
    const hubConnection = await connect({ servers: hub.url, inboxPrefix: 'mine' });
    const to = { connection: hubConnection, aggregates, domain: 'hub' };
    const store = await jetStreamStore({ ...to, name: 'blog' });
    const bus = await jetStreamBus({ ...to, store: 'blog' });
    const { events } = await store.append(Post, 'p1', publish('Hello'));
    const seen = Promise.withResolvers<unknown>();
    bus.subscribe({ group: 'search', on: { 'post-published': seen.resolve } });
    expect(await seen.promise).toEqual(events[0]);
    await bus.stop();
    await hubConnection.close();
    await hub.stop();
  });

  it('on a closed connection is an error, and subscribing on one is not silent', async () => {
    await jetStreamStore({ connection, name: 'blog', aggregates });
    const own = await connect({ servers: server.url });
    const lines: string[] = [];
    const line = (_: object, message: string) => void lines.push(message);
    const bus = await jetStreamBus({
      connection: own,
      store: 'blog',
      aggregates,
      logger: { info: line, warn: line, error: line },
    });
    await own.close();
    const subscription = bus.subscribe({ group: 'search', on: { 'post-published': () => {} } });
    await expect(subscription.ready).rejects.toMatchObject({ code: 'SUBSCRIBE_FAILED', group: 'search' });
    await expect(subscription.closed).rejects.toMatchObject({ code: 'SUBSCRIBE_FAILED' });
    expect(lines).toEqual([expect.stringMatching(/^Group search of store blog could not be joined/)]);
  });
});
