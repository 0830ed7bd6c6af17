import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import { client } from './blog.fixture.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
export const adminToken = 'token-of-these-tests';

/** The blog as people start it. Killed after the test. */
export function startProcess(env: NodeJS.ProcessEnv) {
  const blog = startSharedProcess(env);
  onTestFinished(() => void blog.kill('SIGKILL'));
  return blog;
}

/** For several tests, after the last of which it is to be killed. */
export function startSharedProcess(env: NodeJS.ProcessEnv) {
  const { NATS_URL: _, DATABASE_URL: __, ...outside } = process.env;
  const child = spawn(process.execPath, [main], {
    cwd: tmpdir(),
    env: { ...outside, PORT: '0', ADMIN_TOKEN: adminToken, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, log] = ['', ''];
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    log += data;
  });
  const call = client(() => output.trim());
  // It takes seconds of a core, and others may want it too.
  const prints = (text: RegExp) => vi.waitFor(() => expect(output).toMatch(text), { timeout: 60_000 });
  return {
    call,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: once(child, 'close'),
    output: () => output,
    log: () => log,
    /** Where each shard of a view was that it has come to own. */
    owned: (projection: string): number[] =>
      log
        .split('\n')
        .filter((line) => line.includes('projection owns a shard'))
        .map((line) => JSON.parse(line))
        .filter((line) => line.projection === projection)
        .map(({ position }) => position),
    prints,
    serves: () => prints(/^http:\/\/localhost:\d+\n$/),
    async create(path: string, json: unknown): Promise<string> {
      const { status, body } = await call('POST', path, { json });
      expect(status).toBe(201);
      return (body as { id: string }).id;
    },
  };
}
