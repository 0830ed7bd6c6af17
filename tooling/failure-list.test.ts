import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// Of each kind one.
const failing = `
  import { beforeAll, describe, expect, test } from 'vitest';
  test('passes', () => {});
  test('is wrong', () => expect({ a: 1 }).toEqual({ a: 2 }));
  describe('inside', () => {
    test('throws', () => { throw new TypeError('first line\\nsecond line'); });
    test('polls', () => expect.poll(() => 1, { timeout: 10 }).toBe(2));
  });
  describe('a suite', () => {
    beforeAll(() => { throw new Error('no server'); });
    test('waits', () => {});
    test('waits too', () => {});
  });
  void Promise.reject(new Error('nobody listens'));
`;

test('the list names each failure, hooks, files and errors outside of tests included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pipit-failures-'));
  const write = (name: string, content: string) => writeFile(join(folder, name), content);
  await symlink(join(import.meta.dirname, 'node_modules'), join(folder, 'node_modules'));
  await write('package.json', '{ "type": "module" }');
  await write('failing.test.js', failing);
  await write('broken.test.js', "throw new Error('cannot be loaded');");
  await write('fine.test.js', "import { test } from 'vitest'; test('passes', () => {});");
  await write(
    'vitest.config.ts',
    `import { failureList } from ${JSON.stringify(join(import.meta.dirname, 'failure-list.ts'))};
     export default { test: { reporters: [failureList('list.log')] } };`,
  );

  const code = await new Promise((resolve) => {
    const vitest = join(import.meta.dirname, 'node_modules/.bin/vitest');
    const { VITEST: _, ...outside } = process.env;
    execFile(vitest, ['run'], { cwd: folder, env: outside }, (error) => resolve(error?.code));
  });

  expect(code).toBe(1);
  const list = (await readFile(join(folder, 'list.log'), 'utf8')).trimEnd().split('\n').toSorted();
  expect(list).toEqual([
    'broken.test.js: cannot be loaded',
    'failing.test.js > a suite: no server',
    'failing.test.js > inside > polls: expected 1 to be 2 // Object.is equality (Matcher did not succeed in time.)',
    'failing.test.js > inside > throws: first line',
    'failing.test.js > is wrong: expected { a: 1 } to deeply equal { a: 2 }',
    'failing.test.js: 2 of its tests did not run',
    'failing.test.js: Unhandled Rejection: nobody listens',
  ]);
  await rm(folder, { recursive: true });
});
