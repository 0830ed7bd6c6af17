import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsConfig, type NatsServer, startNatsServer } from '@pipit/nats-server';
import { type KvRepositoryOptions, kvRepository } from '../kv.ts';
import type { Repository } from '../repository.ts';
import { type ContractRow, contractRow } from '../testing/contract-row.ts';
import { type LossyProxy, startLossyProxy } from './lossy-proxy.fixture.ts';

/** A server, and repositories of one view on it, each on a connection of its own. */
export interface KvPlace {
  readonly server: NatsServer;
  readonly proxy: LossyProxy;
  readonly manager: JetStreamManager;
  connection(options?: ConnectionOptions): Promise<NatsConnection>;
  open(
    options?: Partial<KvRepositoryOptions<ContractRow>>,
    how?: ConnectionOptions,
  ): Promise<Repository<ContractRow>>;
  /** The name of the stream of a version's rows. */
  streamOf(version: number): Promise<string>;
  close(): Promise<void>;
}

export async function openPlace(config: NatsConfig = {}, admin: ConnectionOptions = {}): Promise<KvPlace> {
  const server = await startNatsServer({ config });
  const proxy = await startLossyProxy(server.port);
  const connections: NatsConnection[] = [];
  const connection = async (options: ConnectionOptions = {}) => {
    const opened = await connect({
      servers: server.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      ...admin,
      ...options,
    });
    connections.push(opened);
    return opened;
  };
  const manager = await jetstreamManager(await connection());
  return {
    server,
    proxy,
    manager,
    connection,
    open: async (options = {}, how = {}) =>
      kvRepository({ connection: await connection(how), name: 'faults', row: contractRow, ...options }),
    async streamOf(version) {
      const found = await manager.streams.getMessage('KV_view_faults', {
        last_by_subj: '$KV.view_faults.versions',
      });
      const { versions } = found?.json<{ versions: Record<string, { bucket: string }> }>() ?? {};
      return `KV_${versions?.[version]?.bucket}`;
    },
    async close() {
      await Promise.all(connections.map((opened) => opened.close()));
      await proxy.close();
      await server.stop();
    },
  };
}

/** What it rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await promise };
  } catch (error) {
    return error;
  }
}
