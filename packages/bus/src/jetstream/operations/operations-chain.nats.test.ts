import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operations } from '../../operations.ts';
import { until } from '../../testing/until.ts';
import { aggregates, type BlogEvent, Post, publish, Renamed } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';
import { jetStreamOperations } from './jetstream-operations.ts';

let server: NatsServer;
let connection: NatsConnection;
let operations: Operations;

beforeEach(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
  operations = await jetStreamOperations({ connection, store: 'blog' });
});
afterEach(async () => {
  await operations.close();
  await connection.close();
  await server.stop();
});

async function openBlog() {
  const { recorder } = operations;
  const common = { connection, aggregates };
  const store = await jetStreamStore({ ...common, name: 'blog', onAppended: recorder.appended });
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  const bus = await openBus<BlogEvent>({ ...common, store: 'blog', recorder, logger });
  return { store, bus };
}

describe('the chain of an operation on a store with subscriptions', () => {
  it('leads from the operation over its events to what handlers made of them, also after a redrive', async () => {
    const { store, bus } = await openBlog();
    let isAway = true;
    bus.subscribe({
      group: 'rename',
      retry: { attempts: 2, backoff: () => 10, jitter: 0 },
      on: {
        'post-published': async ({ aggregate }) => {
          if (isAway) throw new Error('not now');
          await store.append(Post, aggregate.id, Renamed.create({ title: 'Bye' }));
        },
        'post-renamed': () => {},
      },
    });
    const id = await operations.operation(
      { kind: 'command', name: 'publish', input: { title: 'Hello' }, user: 'ada' },
      async (context) => {
        await store.append(Post, 'p1', publish('Hello'));
        return context.id;
      },
    );
    const groups = async () => (await operations.get(id))?.events[0]?.groups;
    const error = { name: 'Error', message: 'not now' };
    const failures = [
      { attempt: 1, outcome: 'retrying', error },
      { attempt: 2, outcome: 'dead-lettered', error },
    ];
    await until(async () => (await groups())?.[0]?.outcome === 'dead-lettered');
    expect(await groups()).toMatchObject([{ group: 'rename', attempts: 2, failures }]);

    isAway = false;
    await bus.deadLetters.redrive('rename.1');
    await until(async () => (await operations.get(id))?.events[0]?.events[0]?.groups[0]);
    await until(async () => (await groups())?.[0]?.outcome === 'handled');
    expect(await operations.get(id)).toMatchObject({
      operation: { state: 'succeeded', name: 'publish', input: { title: 'Hello' }, user: 'ada' },
      complete: true,
      detached: { events: [], operations: [] },
      events: [
        {
          type: 'post-published',
          aggregate: { type: 'post', id: 'p1' },
          position: 1,
          groups: [{ group: 'rename', outcome: 'handled', attempts: 3, failures }],
          events: [{ type: 'post-renamed', position: 2, groups: [{ outcome: 'handled', failures: [] }] }],
        },
      ],
    });
    await bus.stop();
    await store.close();
  });
});
