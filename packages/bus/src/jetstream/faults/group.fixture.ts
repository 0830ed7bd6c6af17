import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetStreamStore } from '@pipit/store/jetstream';
import type { Logger } from '@pipit/types-registry';
import type { Bus, RetryOptions, Subscription } from '../../bus.ts';
import { aggregates, type BlogEvent, Post, publish } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';
import type { Effect } from './effects.fixture.ts';

export interface GroupUnderFaults {
  readonly urls: readonly string[];
  readonly replicas?: number;
  readonly members: number;
  readonly lease: number;
  readonly concurrency: number;
  readonly retry?: RetryOptions;
  handle(position: number, key: string): unknown;
}

export const groupName = 'crowd';

/** Members of one ordered group in this process, each with a connection of its own, and a store to append to. */
export async function openGroup(options: GroupUnderFaults) {
  const { urls, replicas = 1, lease, concurrency, retry, handle } = options;
  const connections: NatsConnection[] = [];
  const log: string[] = [];
  /** What was handled for the first time, in that order. */
  const handled = new Map<number, Effect>();

  async function open(index: number): Promise<NatsConnection> {
    const servers = urls[index % urls.length] ?? '';
    const again = { maxReconnectAttempts: -1, reconnectTimeWait: 50, timeout: 2_000 };
    const connection = await connect({ servers, ...again });
    connections.push(connection);
    return connection;
  }

  const line =
    (level: keyof Logger): Logger[typeof level] =>
    (_, message) =>
      void log.push(`${level}: ${message}`);
  const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };

  const connection = await open(0);
  const stream = { num_replicas: replicas };
  const store = await jetStreamStore({ connection, name: 'blog', aggregates, stream });
  const manager = await jetstreamManager(connection);
  const buses: Bus<BlogEvent>[] = [];
  const subscriptions: Subscription[] = [];

  for (let index = 0; index < options.members; index += 1) {
    const bus = await openBus<BlogEvent>(
      { connection: await open(index), store: 'blog', aggregates, logger },
      lease,
    );
    buses.push(bus);
    const subscription = bus.subscribe({
      group: groupName,
      concurrency,
      ...(retry && { retry }),
      on: {
        'post-published': async ({ position, aggregate }) => {
          await handle(position, aggregate.id);
          if (!handled.has(position)) handled.set(position, { position, key: aggregate.id });
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

export type OpenGroup = Awaited<ReturnType<typeof openGroup>>;
