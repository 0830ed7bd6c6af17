import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { expect, onTestFinished, test } from 'vitest';
import { pickFreePort } from './free-port.ts';

test('it prints one line with the URL and the folder, and Ctrl+C stops it', async () => {
  const command = run();
  const [line] = (await once(createInterface(command.stdout), 'line')) as [string];
  const [, url, storeDir] =
    /^(nats:\/\/127\.0\.0\.1:\d+) \(nats-server \S+, store in (.*)\)$/.exec(line) ?? [];
  const connection = await connect({ servers: String(url) });
  await connection.close();
  command.kill('SIGINT');
  expect(await once(command, 'exit')).toEqual([0, null]);
  expect(existsSync(String(storeDir))).toBe(false);
});

test('port, folder and further configuration can be given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pipit-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'config.json');
  await writeFile(config, '{ "max_payload": 4096 }');
  const port = await pickFreePort();
  const command = run('--port', String(port), '--store-dir', join(folder, 'store'), '--config', config);
  const [line] = (await once(createInterface(command.stdout), 'line')) as [string];
  expect(line).toContain(join(folder, 'store'));
  const connection = await connect({ port });
  expect(connection.info?.max_payload).toBe(4096);
  await connection.close();
  command.kill('SIGTERM');
  expect(await once(command, 'exit')).toEqual([0, null]);
  expect(existsSync(join(folder, 'store', 'jetstream'))).toBe(true);
});

test.each([
  [['--port', 'x'], 'port'],
  [['--nonsense'], '--nonsense'],
  [['--config', '/missing.json'], '/missing.json'],
])('%j ends it with a message and code 1', async (args, named) => {
  const command = run(...args);
  const [errors, [exitCode]] = await Promise.all([text(command.stderr), once(command, 'exit')]);
  expect(errors).toContain(named);
  expect(errors).not.toContain('    at ');
  expect(exitCode).toBe(1);
});

test('it says how it is used', async () => {
  expect(await text(run('--help').stdout)).toContain('--store-dir');
  expect(await text(run('--version').stdout)).toMatch(/^\d+\.\d+\.\d+\n$/);
});

function run(...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const file = fileURLToPath(new URL('./cli.ts', import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
