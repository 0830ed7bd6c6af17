import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { InvalidServerOptionError, PortInUseError } from './errors.ts';
import { type FindOptions, findNatsServer } from './find-nats-server.ts';
import { pickFreePort } from './free-port.ts';
import { type NatsServer, openServer } from './nats-server.ts';
import { checkConfig, type NatsConfig } from './server-config.ts';

export interface StartOptions extends FindOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Folder of the store, created if missing and kept. Default: a temporary one, removed by `stop`. */
  readonly storeDir?: string;
  /** Default: true. */
  readonly jetStream?: boolean;
  /** More settings as in nats-server's configuration file, e.g. `{ jetstream: { sync_interval: 'always' } }`. */
  readonly config?: NatsConfig;
  /**
   * Path of a file in nats-server's own format, e.g. the accounts and permissions of production, to be held against an
   * application in a test. What `config` and other options set as well wins.
   */
  readonly include?: string;
  /** Where the server logs to; emptied at each start. Default: `nats-server.log` in the store's folder. */
  readonly logFile?: string;
  /** Milliseconds the server may take to answer, recovery of its store included. Default: 60 000. */
  readonly startTimeout?: number;
}

/**
 * Starts a nats-server on 127.0.0.1 and resolves when JetStream answers.
 *
 * The server ends with the process that started it, even when that is killed. On a kept folder, a server that
 * was left behind all the same is ended first.
 *
 * @throws PortInUseError when something listens on the `port` asked for
 * @throws StoreInUseError when a living process runs a server on the same folder
 * @throws InvalidServerOptionError when `config` sets what an option sets, or an option makes no sense
 * @throws NatsServerStartError when the server ends or does not answer; it carries the last log lines
 * @throws NatsServerNotFoundError, NatsServerVersionError, UnsupportedPlatformError as `findNatsServer`
 */
export async function startNatsServer(options: StartOptions = {}): Promise<NatsServer> {
  const { port, jetStream = true, config = {}, include, logFile, startTimeout = 60_000 } = options;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new InvalidServerOptionError(
      'port',
      port,
      'give a number from 1 to 65535, or leave it out for a free one',
    );
  }
  checkConfig(config, jetStream);
  const found = await findNatsServer(options);

  const storeDir = await prepareFolder(options.storeDir);
  const temporaryFolder = options.storeDir === undefined ? storeDir : undefined;
  try {
    return await onFreePorts(async () => {
      const own = {
        port: port ?? (await pickFreePort()),
        monitorPort: await pickFreePort(),
        storeDir,
        jetStream,
        // The server looks for it from the folder of its configuration on, also where the path is absolute.
        ...(include !== undefined && { include: relative(storeDir, resolve(include)) }),
      };
      return openServer({
        found,
        own,
        config,
        temporaryFolder,
        logFile: logFile && resolve(logFile),
        startTimeout,
      });
    }, port);
  } catch (error) {
    if (temporaryFolder !== undefined) await rm(temporaryFolder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder to use, absolute, because it is written into the server's configuration. */
export async function prepareFolder(storeDir: string | undefined): Promise<string> {
  if (storeDir === undefined) return mkdtemp(join(tmpdir(), 'pipit-nats-'));
  const folder = resolve(storeDir);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Tries again when a port that was free when it was picked has been taken since; `given` is not picked. */
export async function onFreePorts<T>(start: () => Promise<T>, given?: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof PortInUseError) || error.port === given || attempt === 5) throw error;
    }
  }
}
