import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AppConfig } from './config.ts';

export interface LocalServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Finds or fetches nats-server and runs it with its data in the folder. It ends with this process, however that ends. */
export async function startLocalServer(
  { dataDir, syncInterval }: Pick<AppConfig, 'dataDir' | 'syncInterval'>,
  logger: Logger,
): Promise<LocalServer> {
  // Only who runs without NATS_URL pays for it.
  const { startNatsServer } = await import('@pipit/nats-server');
  const sync = syncInterval === 'always' ? 'always' : `${syncInterval}ms`;
  const server = await startNatsServer({
    storeDir: join(dataDir, 'nats'),
    config: { jetstream: { sync_interval: sync } },
  });
  const { url, version, storeDir, pid: serverPid } = server;
  logger.info(
    { url, version, storeDir, syncInterval: sync, serverPid },
    'NATS_URL is not set: running a local nats-server',
  );
  return server;
}
