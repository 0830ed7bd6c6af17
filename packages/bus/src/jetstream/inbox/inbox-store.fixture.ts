import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent, type Logger } from '@pipit/types-registry';
import { z } from 'zod';
import { type KvInboxOptions, kvInbox } from './kv-inbox.ts';

const Published = defineEvent('post-published', z.object({ title: z.string() }));
const Post = defineAggregate('post', {
  events: [Published],
  initial: { title: '' },
  evolve: { 'post-published': (_, { data }) => data },
});

/** A store of its own, and inboxes on it, each with its own connection as separate processes have. */
export async function openInboxes(url: string, store: string) {
  const connections: NatsConnection[] = [];
  const log: { level: keyof Logger; message: string }[] = [];
  const line =
    (level: keyof Logger): Logger[typeof level] =>
    (_, message) =>
      void log.push({ level, message });
  const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };

  async function open(servers = url): Promise<NatsConnection> {
    const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    connections.push(connection);
    return connection;
  }

  const connection = await open();
  await jetStreamStore({ connection, name: store, aggregates: [Post] });

  return {
    log,
    connection,
    async entry(key: string): Promise<string | undefined> {
      const manager = await jetstreamManager(connection);
      const subject = `$KV.${store}_inbox.${key}`;
      return (await manager.streams.getMessage(`KV_${store}_inbox`, { last_by_subj: subject }))?.string();
    },
    async process(options: Partial<KvInboxOptions> = {}, servers = url) {
      const own = await open(servers);
      const inbox = await kvInbox({ connection: own, store, logger, lease: 1_000, ...options });
      return { inbox, die: () => own.close() };
    },
    close: () => Promise.all(connections.map((each) => each.close())),
  };
}

export type Inboxes = Awaited<ReturnType<typeof openInboxes>>;
