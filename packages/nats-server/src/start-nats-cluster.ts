import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidServerOptionError, NatsServerStartError } from './errors.ts';
import { findNatsServer } from './find-nats-server.ts';
import { pickFreePort } from './free-port.ts';
import { type NatsServer, openServer } from './nats-server.ts';
import { getMonitor } from './readiness.ts';
import { checkConfig } from './server-config.ts';
import { onFreePorts, prepareFolder, type StartOptions } from './start-nats-server.ts';

export interface ClusterOptions extends Omit<StartOptions, 'port' | 'jetStream' | 'include' | 'logFile'> {
  /** Number of servers, at least 2. Default: 3. */
  readonly size?: number;
}

/** Servers that form one JetStream cluster. Each can be killed, stopped and restarted on its own. */
export interface NatsCluster {
  readonly servers: readonly NatsServer[];
  readonly urls: readonly string[];
  readonly version: string;
  /** Holds a folder for each server: `n1`, `n2`, … */
  readonly storeDir: string;
  /**
   * Resolves when every server is up, all name the same meta leader and it sees all others as current. For use
   * after servers were restarted; rejects with a NatsServerStartError after `startTimeout`.
   */
  ready(): Promise<void>;
  /** Stops all servers; a temporary folder is removed. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a JetStream cluster on 127.0.0.1 and resolves when it is `ready`. Streams with replicas may then be
 * created at once. Every server has the same `config`.
 *
 * @throws as startNatsServer
 */
export async function startNatsCluster(options: ClusterOptions = {}): Promise<NatsCluster> {
  const { size = 3, config = {}, startTimeout = 60_000 } = options;
  if (!(Number.isInteger(size) && size >= 2)) {
    throw new InvalidServerOptionError('size', size, 'give 2 or more; for one server use startNatsServer');
  }
  checkConfig(config, true);
  const found = await findNatsServer(options);
  const storeDir = await prepareFolder(options.storeDir);
  const temporaryFolder = options.storeDir === undefined ? storeDir : undefined;
  const removeTemporary = async () => {
    if (temporaryFolder !== undefined) await rm(temporaryFolder, { recursive: true, force: true });
  };

  const openAll = async () => {
    const ports = await pickPorts(size);
    const routes = ports.map(({ routePort }) => `nats://127.0.0.1:${routePort}`);
    const opened = await Promise.allSettled(
      serverNames(size).map((serverName, index) => {
        const { port, monitorPort, routePort } = ports[index] as ServerPorts;
        const cluster = { serverName, name: 'pipit', routePort, routes };
        const own = { port, monitorPort, storeDir: join(storeDir, serverName), jetStream: true, cluster };
        return openServer({ found, own, config, temporaryFolder, logFile: undefined, startTimeout });
      }),
    );
    const servers = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    // The others are started alike, so that one reason says it for all.
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed === undefined) return servers;
    await Promise.all(servers.map((server) => server.stop()));
    throw failed.reason;
  };

  const ready = (servers: readonly NatsServer[]) => untilCurrent(servers, startTimeout);
  const stopAll = async (servers: readonly NatsServer[]) => {
    await Promise.all(servers.map((server) => server.stop()));
    await removeTemporary();
  };

  let servers: readonly NatsServer[];
  try {
    servers = await onFreePorts(openAll);
  } catch (error) {
    await removeTemporary();
    throw error;
  }
  try {
    await ready(servers);
  } catch (error) {
    await stopAll(servers);
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    servers,
    urls: servers.map(({ url }) => url),
    version: found.version,
    storeDir,
    ready: () => ready(servers),
    stop: () => {
      stopping ??= stopAll(servers);
      return stopping;
    },
  };
}

interface JetStreamState {
  readonly meta_cluster?: {
    readonly leader?: string;
    readonly cluster_size: number;
    readonly replicas?: readonly { readonly current: boolean; readonly offline?: boolean }[];
  };
}

async function untilCurrent(servers: readonly NatsServer[], timeout: number): Promise<void> {
  const deadline = AbortSignal.timeout(timeout);
  let last = '';
  while (!deadline.aborted) {
    try {
      await assertCurrent(servers, deadline);
      return;
    } catch (error) {
      if (!deadline.aborted) last = error instanceof Error ? error.message : String(error);
      await delay(20);
    }
  }
  const detail = `the cluster was not complete within ${timeout} ms (${last})`;
  throw new NatsServerStartError({ reason: 'timeout', detail, log: [] });
}

async function assertCurrent(servers: readonly NatsServer[], signal: AbortSignal): Promise<void> {
  const states = await Promise.all(
    servers.map(async ({ monitorUrl }) => {
      return ((await getMonitor(monitorUrl, '/jsz', signal)) as JetStreamState).meta_cluster;
    }),
  );
  const leaders = new Set(states.map((state) => state?.leader ?? ''));
  const [leader = ''] = leaders;
  if (leaders.size !== 1 || leader === '') throw new Error('the servers do not agree on a meta leader');
  // Only the leader knows how far the others are; a follower's answer shows the other followers as behind.
  const followers = states[serverNames(servers.length).indexOf(leader)]?.replicas ?? [];
  const current = followers.filter((follower) => follower.current && follower.offline !== true);
  if (current.length !== servers.length - 1) {
    throw new Error(
      `the meta leader ${leader} sees ${current.length} of ${servers.length - 1} others as current`,
    );
  }
  // Last, because the server logs a warning each time it is asked too early.
  await Promise.all(servers.map(({ monitorUrl }) => getMonitor(monitorUrl, '/healthz', signal)));
}

function serverNames(size: number): string[] {
  return Array.from({ length: size }, (_, index) => `n${index + 1}`);
}

interface ServerPorts {
  readonly port: number;
  readonly monitorPort: number;
  readonly routePort: number;
}

async function pickPorts(size: number): Promise<ServerPorts[]> {
  const ports = new Set<number>();
  while (ports.size < 3 * size) ports.add(await pickFreePort());
  const [...all] = ports;
  return Array.from({ length: size }, (_, index) => {
    const [port = 0, monitorPort = 0, routePort = 0] = all.slice(3 * index);
    return { port, monitorPort, routePort };
  });
}
