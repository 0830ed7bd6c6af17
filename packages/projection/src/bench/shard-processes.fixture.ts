import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PoolConfig } from 'pg';

export interface ProcessOptions {
  readonly servers: string;
  readonly store: string;
  readonly database: PoolConfig;
}

export interface Build {
  /** In which all is to be made. */
  readonly schema: string;
  readonly shards: number;
  /** How many of them this process gets. */
  readonly share: number;
}

export interface ShardProcess {
  /** Resolves when it has its shards; it reads no event yet. */
  prepare(build: Build): Promise<unknown>;
  go(): void;
  end(): Promise<unknown>;
  kill(): Promise<unknown>;
}

const path = fileURLToPath(new URL('shard-process.fixture.ts', import.meta.url));

export async function startShardProcess(options: ProcessOptions): Promise<ShardProcess> {
  const child = fork(path, [JSON.stringify(options)], { execArgv: [] });
  await answer(child, 'started');
  return {
    prepare(build) {
      child.send(build);
      return answer(child, 'ready');
    },
    go() {
      child.send('go');
    },
    end() {
      child.send('end');
      return answer(child, 'ended');
    },
    kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** @throws Error where it says something else, dies, or takes a minute */
async function answer(child: ChildProcess, expected: string): Promise<void> {
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(60_000)]);
  const gone = once(child, 'exit', { signal }).then(([code]) => [`ended with ${code}`]);
  try {
    const [said] = await Promise.race([once(child, 'message', { signal }), gone]);
    if (said !== expected) throw new Error(`the process said ${said}, not ${expected}`);
  } finally {
    enough.abort();
  }
}
