import { once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AppConfig } from '../config/config.ts';
import { supervise } from '../lifecycle/supervise.ts';

export interface LocalServer {
  readonly url: string;
  /** @throws Error while it is down, and is to be started again */
  requireRunning(): void;
  stop(): Promise<void>;
}

/**
 * Finds or fetches nats-server and runs it with its data in the folder. It is started again when it ends, on the same port,
 * and ends with this process, however that ends.
 */
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
  let hasEnded = false;
  const keepRunning = async (signal: AbortSignal) => {
    if (hasEnded) {
      await server.restart();
      hasEnded = false;
      logger.info({ url, serverPid: server.pid }, 'the local nats-server runs again');
    }
    const end = await Promise.race([server.exited, aborted(signal)]);
    if (end === undefined) return;
    hasEnded = true;
    throw new Error(`nats-server has ended, exit code ${end.exitCode ?? 'unknown'}`);
  };
  const supervised = supervise('nats-server', keepRunning, logger);
  return {
    url,
    requireRunning() {
      const { state, reason } = supervised.health;
      if (state !== 'ready') throw new Error(reason);
    },
    async stop() {
      await supervised.stop();
      await server.stop();
    },
  };
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
}
