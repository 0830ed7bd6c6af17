import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNatsServer } from '@pipit/nats-server';
import { afterEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('program.fixture.ts', import.meta.url));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function run(then: 'stop' | 'stay' | 'hang', env: NodeJS.ProcessEnv) {
  const { NATS_URL: _, ...outside } = process.env;
  const child = spawn(process.execPath, [program, then], {
    env: { ...outside, LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let [output, log] = ['', ''];
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    log += data;
  });
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: once(child, 'exit'),
    printed: (text: string) => expect.poll(() => output, { message: log }).toContain(text),
    logged: (text: string) => expect.poll(() => log).toContain(text),
    output: () => output,
  };
}

const folder = () => mkdtemp(join(tmpdir(), 'pipit-process-'));

describe('the process of an application', () => {
  it('ends by itself after a stop', async () => {
    const { ended, output } = run('stop', { PIPIT_DATA_DIR: await folder() });
    expect(await ended).toEqual([0, null]);
    expect(output()).toBe('revision 1\nstopped\n');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops in order and ends with 0 at %s, an echo included',
    async (signal) => {
      const { ended, printed, kill, output } = run('stay', { PIPIT_DATA_DIR: await folder() });
      await printed('revision 1');
      kill(signal);
      kill('SIGINT');
      expect(await ended).toEqual([0, null]);
      expect(output()).toBe('revision 1\nstopped\n');
    },
  );

  it('ends at once at a second signal', async () => {
    const { ended, printed, kill } = run('hang', { PIPIT_DATA_DIR: await folder() });
    await printed('revision 1');
    kill('SIGTERM');
    await printed('hanging');
    // Signals right after the first are taken for its echo, so the second is sent until it counts.
    const again = setInterval(() => kill('SIGTERM'), 50);
    expect(await ended).toEqual([null, 'SIGTERM']);
    clearInterval(again);
  });

  it('ends at a signal while it still looks for a server', async () => {
    const server = await startNatsServer();
    await server.kill();
    const { ended, logged, kill } = run('stay', { NATS_URL: server.url });
    await logged('trying again');
    kill('SIGTERM');
    const [code] = await ended;
    expect(code).toBe(1);
    await server.stop();
  });

  it('loses nothing when it is killed, and starts again on the same folder', async () => {
    const env = { PIPIT_DATA_DIR: await folder() };
    for (const revision of [1, 2, 3]) {
      const { ended, printed, kill } = run('stay', env);
      await printed(`revision ${revision}`);
      kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
    }
    const { ended, output } = run('stop', env);
    expect(await ended).toEqual([0, null]);
    expect(output()).toContain('revision 4');
  });
});
