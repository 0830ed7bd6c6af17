import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsServer } from '@pipit/nats-server';
import type { Commands } from '../../commands.ts';
import { capturingLogger } from '../../testing/capturing-logger.ts';
import { type JetStreamCommandsOptions, jetStreamCommands } from './jetstream-commands.ts';

type InstanceOptions = Partial<JetStreamCommandsOptions> & { readonly url?: string };

/** Instances on one server, each with a connection of its own, as separate processes have. */
export function openInstances(server: Pick<NatsServer, 'url'>, store = 'blog') {
  const connections: NatsConnection[] = [];
  const instances: Commands[] = [];
  const { log, logger } = capturingLogger();

  async function connected(url = server.url): Promise<NatsConnection> {
    const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    connections.push(connection);
    return connection;
  }

  return {
    log,
    connected,
    async instance({ url, ...options }: InstanceOptions = {}): Promise<Commands> {
      const connection = options.connection ?? (await connected(url));
      const commands = jetStreamCommands({ connection, store, logger, ...options });
      instances.push(commands);
      return commands;
    },
    async close() {
      await Promise.all(instances.map((instance) => instance.stop({ timeout: 10 })));
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

export type Instances = ReturnType<typeof openInstances>;
