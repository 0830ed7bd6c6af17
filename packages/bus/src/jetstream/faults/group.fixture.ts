import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetStreamStore } from '@pipit/store/jetstream';
import type { Bus, RetryOptions, Subscription } from '../../bus.ts';
import { inbox } from '../../middleware/inbox.ts';
import { capturingLogger } from '../../testing/capturing-logger.ts';
import { aggregates, type BlogEvent, Post, publish } from '../blog.fixture.ts';
import { kvInbox } from '../inbox/kv-inbox.ts';
import { openBus } from '../jetstream-bus.ts';
import type { Effect } from './effects.fixture.ts';

export interface GroupUnderFaults {
  readonly urls: readonly string[];
  readonly replicas?: number;
  readonly members: number;
  readonly lease: number;
  readonly concurrency: number;
  readonly retry?: RetryOptions;
  readonly order?: 'key' | 'none';
  readonly timeout?: number;
  /** What a handler does before its effect. */
  handle(position: number, key: string, signal: AbortSignal): unknown;
}

export const groupName = 'crowd';

/**
 * Members of one group in this process, each with a connection of its own, and a store to append to. Effects are guarded
 * by an inbox.
 */
export async function openGroup(options: GroupUnderFaults) {
  const { urls, replicas = 1, lease, concurrency, retry, order = 'key', timeout = 30_000, handle } = options;
  const connections: NatsConnection[] = [];
  const { log, logger } = capturingLogger();
  /** Effects, in the order in which they happened for the first time. */
  const handled = new Map<number, Effect>();
  /** Positions whose effect happened again. */
  const repeated: number[] = [];

  async function open(index: number): Promise<NatsConnection> {
    const servers = urls[index % urls.length] ?? '';
    const again = { maxReconnectAttempts: -1, reconnectTimeWait: 50, timeout: 2_000 };
    const connection = await connect({ servers, ...again });
    connections.push(connection);
    return connection;
  }

  const connection = await open(0);
  const stream = { num_replicas: replicas };
  const store = await jetStreamStore({ connection, name: 'blog', aggregates, stream });
  const manager = await jetstreamManager(connection);
  const buses: Bus<BlogEvent>[] = [];
  const subscriptions: Subscription[] = [];

  for (let index = 0; index < options.members; index += 1) {
    const member = await open(index);
    const bus = await openBus<BlogEvent>({ connection: member, store: 'blog', aggregates, logger }, lease);
    buses.push(bus);
    const place = await kvInbox({ connection: member, store: 'blog', logger });
    const subscription = bus.subscribe({
      group: groupName,
      order,
      concurrency,
      timeout,
      use: [inbox(place)],
      ...(retry && { retry }),
      on: {
        'post-published': async ({ position, aggregate }, { signal }) => {
          await handle(position, aggregate.id, signal);
          if (handled.has(position)) repeated.push(position);
          else handled.set(position, { position, key: aggregate.id });
        },
      },
    });
    await subscription.ready;
    subscriptions.push(subscription);
  }

  return {
    connection,
    manager,
    store,
    log,
    handled,
    repeated,
    subscriptions,
    deadLetters: (buses[0] as Bus<BlogEvent>).deadLetters,
    /** Appends so many events to each of so many keys, some at a time. */
    async append(keys: number, each: number, atOnce = 5): Promise<void> {
      for (let done = 0; done < each; done += atOnce) {
        for (let key = 0; key < keys; key += 1) {
          const some = Array.from({ length: Math.min(atOnce, each - done) }, () => publish('Hello'));
          await store.append(Post, `p${key}`, some, { timeout: 60_000 });
        }
      }
    },
    async info(): Promise<ConsumerInfo> {
      return manager.consumers.info('blog', groupName);
    },
    async close() {
      await Promise.all(buses.map((bus) => bus.stop({ timeout: 1_000 })));
      await Promise.all(connections.map((each) => each.close()));
    },
  };
}
