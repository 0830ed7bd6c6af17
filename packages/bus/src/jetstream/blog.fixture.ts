import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsServer } from '@pipit/nats-server';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent, type EventOf, type LayoutName } from '@pipit/types-registry';
import { z } from 'zod';
import type { Bus } from '../bus.ts';
import { type LogLine, logTo } from '../testing/log-to.ts';
import { openBus } from './jetstream-bus.ts';

export const Published = defineEvent('post-published', z.object({ title: z.string() }));
export const Renamed = defineEvent('post-renamed', z.object({ title: z.string() }));
export const Joined = defineEvent('user-joined', z.object({ name: z.string() }));

export const Post = defineAggregate('post', {
  events: [Published, Renamed],
  initial: { title: '' },
  evolve: {
    'post-published': (_, { data }) => data,
    'post-renamed': (_, { data }) => data,
  },
});

export const User = defineAggregate('user', {
  events: [Joined],
  initial: { name: '' },
  evolve: { 'user-joined': (_, { data }) => data },
});

export const aggregates = [Post, User];
export type BlogEvent = EventOf<(typeof aggregates)[number]['events'][number]>;

export const publish = (title: string) => Published.create({ title });

/** A store of its own with a way to make instances, each with its own connection as separate processes have. */
export async function openBlog(server: NatsServer, name: string, layout: LayoutName = 'aggregate') {
  const connections: NatsConnection[] = [];
  const buses = new Map<Bus<BlogEvent>, NatsConnection>();
  const log: LogLine[] = [];

  async function open(): Promise<NatsConnection> {
    const connection = await connect({
      servers: server.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    connections.push(connection);
    return connection;
  }

  const logger = logTo(log);

  const connection = await open();
  const store = await jetStreamStore({ connection, name, aggregates, layout });
  const manager: JetStreamManager = await jetstreamManager(connection);

  return {
    store,
    connection,
    manager,
    log,
    logger,
    async instance(lease?: number): Promise<Bus<BlogEvent>> {
      const own = await open();
      const bus = await openBus<BlogEvent>({ connection: own, store: name, aggregates, logger }, lease);
      buses.set(bus, own);
      return bus;
    },
    /** The server hears nothing more of it. */
    async kill(bus: Bus<BlogEvent>): Promise<void> {
      await buses.get(bus)?.close();
    },
    consumer: (group: string) => manager.consumers.info(name, group),
    async close() {
      await Promise.all([...buses.keys()].map((bus) => bus.stop({ timeout: 1_000 })));
      await Promise.all(connections.map((each) => each.close()));
    },
  };
}

export type Blog = Awaited<ReturnType<typeof openBlog>>;
