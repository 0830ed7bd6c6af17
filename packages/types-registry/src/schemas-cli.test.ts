import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const cli = join(import.meta.dirname, 'schemas-cli.ts');
let folder: string;

// Beside the sources, so that the module finds the packages it imports.
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, '../.cli-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function define(payload: string) {
  writeFileSync(
    join(folder, 'events.ts'),
    `import { defineEvent } from '../src/index.ts';
import { z } from 'zod';
const Paid = defineEvent('paid', ${payload});
const Sent = defineEvent('sent', z.object({}));
export const Order = { type: 'order', events: [Paid] };
export { Sent };`,
  );
}

it('writes the lock, checks against it, and names what breaks', () => {
  define('z.object({ cents: z.int() })');
  expect(run('check', 'events.ts')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is not there'),
  });
  expect(run('write', 'events.ts')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('paid version 1, sent version 1'),
  });
  expect(run('check', 'events.ts')).toMatchObject({ status: 0, stdout: expect.stringContaining('2 types') });
  define('z.object({ cents: z.string() })');
  expect(run('check', 'events.ts')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('field cents'),
  });
  expect(run('write', 'events.ts').status).toBe(1);
  expect(run('write', 'events.ts', '--accept').status).toBe(0);
  expect(run('check', 'events.ts', '--lock', 'other.json').status).toBe(1);
}, 60_000);

it('says how it is called', () => {
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage') });
  for (const wrong of [
    [],
    ['check'],
    ['look', 'events.ts'],
    ['check', 'missing.ts'],
    ['check', '--nonsense', 'x'],
  ])
    expect(run(...wrong)).toMatchObject({ status: 2, stdout: '' });
}, 60_000);
