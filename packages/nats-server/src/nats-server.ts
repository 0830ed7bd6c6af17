import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NatsServerStoppedError, PortInUseError } from './errors.ts';
import type { FoundNatsServer } from './find-nats-server.ts';
import { isPortFree } from './free-port.ts';
import { becomesTrue } from './process-info.ts';
import { type NatsConfig, type OwnSettings, renderConfig } from './server-config.ts';
import { claimStore, type StoreClaim } from './store-owner.ts';
import { untilAnswering } from './until-answering.ts';
import { startWatched, type WatchedProcess } from './watched-process.ts';

/** A running nats-server. It does not keep the process that started it alive, and ends with it. */
export interface NatsServer {
  /** `nats://127.0.0.1:<port>`; stays the same over restarts. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:<port>` of the server's monitoring endpoints, e.g. `/jsz`. */
  readonly monitorUrl: string;
  /** Of nats-server itself; another one after a restart. */
  readonly pid: number;
  readonly version: string;
  /** Path of the binary that runs. */
  readonly binary: string;
  /** Holds the store, the configuration and, unless `logFile` was given, the log. */
  readonly storeDir: string;
  readonly configFile: string;
  readonly logFile: string;
  /**
   * Resolves when the process that runs now has ended, however it did; `restart` brings another promise. It never
   * rejects, and waiting for it does not keep the process that started the server alive.
   */
  readonly exited: Promise<ServerExit>;
  /**
   * Ends the server in good order, by SIGKILL after 10 seconds, and for good: a temporary folder is removed, one
   * given as `storeDir` stays. May be called again, and after `kill`.
   */
  stop(): Promise<void>;
  /** Ends the server by SIGKILL at once, as a crash would, and keeps the folder. Resolves when it is gone. */
  kill(): Promise<void>;
  /**
   * Starts the server again on the same port and store; a server that still runs is ended in good order first.
   * Resolves when it answers (a member of a cluster: when it is up, with or without quorum).
   *
   * @throws NatsServerStoppedError after `stop`
   * @throws PortInUseError when something else took the port in between
   */
  restart(): Promise<void>;
}

export interface ServerExit {
  /** 128 + the signal's number when a signal ended it; `undefined` when it is not known. */
  readonly exitCode: number | undefined;
  /** Whether `stop`, `kill` or `restart` ended it. */
  readonly expected: boolean;
}

export interface ServerSpec {
  readonly found: FoundNatsServer;
  readonly own: OwnSettings;
  readonly config: NatsConfig;
  /**
   * The store's folder, or the one of its cluster around it, when nothing of it is to be kept: `stop` removes the
   * store's, the watchdog all of it.
   */
  readonly temporaryFolder: string | undefined;
  readonly logFile: string | undefined;
  /** Milliseconds. */
  readonly startTimeout: number;
}

const STOP_WITHIN = 10_000;

/** Starts the server that the specification describes completely. */
export async function openServer(spec: ServerSpec): Promise<NatsServer> {
  const { own, found } = spec;
  const { storeDir, port, monitorPort } = own;
  const configFile = join(storeDir, 'nats-server.conf');
  const logFile = spec.logFile ?? join(storeDir, 'nats-server.log');

  const expected = new WeakSet<WatchedProcess>();
  const exitOf = async (server: WatchedProcess): Promise<ServerExit> => {
    const { exitCode } = await server.ended;
    return { exitCode, expected: expected.has(server) };
  };

  let { running, claim } = await launch(spec, configFile, logFile);
  let exited = exitOf(running);
  let restarting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  const end = async () => {
    expected.add(running);
    running.ref();
    running.signal('SIGTERM');
    const force = setTimeout(() => running.signal('SIGKILL'), STOP_WITHIN);
    await running.ended;
    clearTimeout(force);
  };
  const stop = async () => {
    // Whoever restarts it is told what went wrong.
    await Promise.allSettled([restarting]);
    await end();
    if (!(await claim.holds())) return;
    if (spec.temporaryFolder !== undefined) await rm(storeDir, { recursive: true, force: true });
    else await claim.release();
  };
  const restart = async () => {
    await end();
    ({ running, claim } = await launch(spec, configFile, logFile));
    exited = exitOf(running);
  };

  return {
    url: `nats://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    monitorUrl: `http://127.0.0.1:${monitorPort}`,
    version: found.version,
    binary: found.path,
    storeDir,
    configFile,
    logFile,
    get pid() {
      return running.pid;
    },
    get exited() {
      return exited;
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    kill: async () => {
      expected.add(running);
      running.ref();
      running.signal('SIGKILL');
      await running.ended;
    },
    restart: async () => {
      if (stopping !== undefined) throw new NatsServerStoppedError(storeDir);
      restarting ??= restart().finally(() => {
        restarting = undefined;
      });
      return restarting;
    },
  };
}

async function launch(
  spec: ServerSpec,
  configFile: string,
  logFile: string,
): Promise<{ running: WatchedProcess; claim: StoreClaim }> {
  const { own, found, config, temporaryFolder } = spec;
  const { storeDir } = own;
  await mkdir(storeDir, { recursive: true });
  const claim = await claimStore(storeDir, configFile);
  try {
    // A server whose starter was killed a moment ago, on another folder, may be about to leave it.
    if (!(await becomesTrue(() => isPortFree(own.port), 2_000))) throw new PortInUseError(own.port);
    await writeFile(configFile, renderConfig(own, config), { mode: 0o600 });
    await writeFile(logFile, '', { mode: 0o600 });
    const running = await startWatched([found.path, '-c', configFile], {
      logFile,
      removeIfAbandoned: temporaryFolder,
    });
    try {
      await claim.recordServer(running.pid);
      await untilAnswering(spec, running, logFile);
      running.unref();
      return { running, claim };
    } catch (error) {
      running.signal('SIGKILL');
      await running.ended;
      throw error;
    }
  } catch (error) {
    await claim.release();
    throw error;
  }
}
