import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type IConfiguration } from 'dependency-cruiser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rulesOf } from './dependency-rules.mjs';
import runtimeRules from './runtime-rules.mjs';

const packages = ['types-registry', 'nats-server', 'store', 'bus', 'projection', 'saga', 'bootstrap'];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pipit-boundaries-'));
  mkdirSync(join(root, 'examples'));
  mkdirSync(join(root, 'node_modules/@pipit'), { recursive: true });
  for (const name of packages) symlinkSync(`../../packages/${name}`, join(root, 'node_modules/@pipit', name));
  for (const name of packages) {
    write(`packages/${name}/package.json`, {
      name: `@pipit/${name}`,
      exports: { '.': './src/index.ts', './jetstream': './src/jetstream.ts' },
      peerDependencies: { '@nats-io/nats-core': '*', pg: '*' },
      devDependencies: { '@nats-io/nats-core': '*', '@pipit/nats-server': '*', '@types/node': '*', zod: '*' },
    });
    write(`packages/${name}/src/index.ts`, 'export interface Port {}');
  }
  for (const name of ['@nats-io/nats-core', 'zod', 'pg']) {
    write(`node_modules/${name}/package.json`, { name, main: './index.js' });
    write(`node_modules/${name}/index.js`, '');
  }
});

afterEach(() => rmSync(root, { recursive: true }));

test('what the design allows passes', async () => {
  write('packages/types-registry/src/index.ts', 'export const defineEvent = 1;');
  write(
    'packages/store/src/index.ts',
    `import { defineEvent } from '@pipit/types-registry';
     import type { NatsConnection } from '@nats-io/nats-core';
     export const port = defineEvent;`,
  );
  write('packages/store/src/jetstream.ts', `import { connect } from '@nats-io/nats-core'; connect();`);
  write(
    'packages/store/src/append.test.ts',
    `import { run } from '@pipit/nats-server'; import 'zod'; run();`,
  );
  write('packages/bus/src/index.ts', `import type { Port } from '@pipit/store'; export type Bus = Port;`);
  write('packages/bus/src/jetstream.ts', `import type { Port } from './index.ts'; export type Js = Port;`);
  write('packages/bus/src/retry.test.ts', `import '@pipit/store/jetstream';`);
  write('packages/bootstrap/src/index.ts', `import '@pipit/store/jetstream'; import '@nats-io/nats-core';`);
  write('examples/blog/src/main.ts', `import '@pipit/bootstrap'; import '@pipit/store/jetstream';`);

  expect(await violations()).toEqual([]);
});

test('a value of another package is refused, its type and the registry are not', async () => {
  write('packages/bus/src/publish.ts', `import { append } from '@pipit/store'; append();`);
  write('packages/bus/src/reexport.ts', `export { append } from '@pipit/store';`);

  expect(await violations()).toEqual([
    'types-only-between-packages: packages/bus/src/publish.ts → packages/store/src/index.ts',
    'types-only-between-packages: packages/bus/src/reexport.ts → packages/store/src/index.ts',
  ]);
});

test('a subpath of another package is refused, even for its types', async () => {
  write('packages/store/src/jetstream.ts', 'export interface Options {}');
  write('packages/bus/src/publish.ts', `import type { Options } from '@pipit/store/jetstream';`);

  expect(await violations()).toEqual([
    'root-entry-between-packages: packages/bus/src/publish.ts → packages/store/src/jetstream.ts',
  ]);
});

test("a path into another package's files is refused everywhere, tests and examples included", async () => {
  write('packages/store/src/tail.ts', 'export interface Tail {}');
  write('packages/bus/src/publish.test.ts', `import type { Tail } from '../../store/src/tail.ts';`);
  write('examples/blog/src/main.ts', `import type { Tail } from '../../../packages/store/src/tail.ts';`);

  expect(await violations()).toEqual([
    'public-entries-only: examples/blog/src/main.ts → packages/store/src/tail.ts',
    'public-entries-only: packages/bus/src/publish.test.ts → packages/store/src/tail.ts',
  ]);
});

test('a root entry that loads a driver is refused, however far away the import is', async () => {
  write('packages/store/src/index.ts', `export { open } from './open.ts';`);
  write('packages/store/src/open.ts', `import { connect } from './connect.ts'; export const open = connect;`);
  write('packages/store/src/connect.ts', `export { connect } from '@nats-io/nats-core';`);
  write('packages/projection/src/index.ts', `export const load = () => import('pg');`);
  write('packages/nats-server/src/index.ts', `import '@nats-io/nats-core';`);

  expect(await violations()).toEqual([
    'no-driver-from-root: packages/nats-server/src/index.ts → node_modules/@nats-io/nats-core/index.js',
    'no-driver-from-root: packages/projection/src/index.ts → node_modules/pg/index.js',
    'no-driver-from-root: packages/store/src/index.ts → node_modules/@nats-io/nats-core/index.js',
  ]);
});

test('the registry knows no NATS, not even its types', async () => {
  write('packages/types-registry/src/headers.ts', `import type { MsgHdrs } from '@nats-io/nats-core';`);
  write('packages/types-registry/src/headers.test.ts', `import '@nats-io/nats-core';`);

  expect(await violations()).toEqual([
    'no-nats-in-types-registry: packages/types-registry/src/headers.test.ts → node_modules/@nats-io/nats-core/index.js',
    'no-nats-in-types-registry: packages/types-registry/src/headers.ts → node_modules/@nats-io/nats-core/index.js',
  ]);
});

test('files that import each other are refused, also when only types do', async () => {
  write('packages/bus/src/publish.ts', `import type { B } from './retry.ts'; export type A = B;`);
  write('packages/bus/src/retry.ts', `import { a } from './publish.ts'; export type B = typeof a;`);

  expect(await violations()).toEqual(['no-cycles: packages/bus/src/publish.ts → packages/bus/src/retry.ts']);
});

test('nothing calls back up or sideways, not even for a type', async () => {
  const calls = [
    ['bus', 'projection'],
    ['nats-server', 'types-registry'],
    ['projection', 'saga'],
    ['saga', 'bootstrap'],
    ['store', 'bus'],
    ['types-registry', 'store'],
  ];
  for (const [from, to] of calls)
    write(`packages/${from}/src/up.ts`, `import type { Port } from '@pipit/${to}';`);

  expect(await violations()).toEqual(
    calls.map(([from, to]) => `data-flows-one-way: packages/${from}/src/up.ts → packages/${to}/src/index.ts`),
  );
});

test('a package does not know the examples', async () => {
  write('examples/blog/src/post.ts', 'export type Post = 1;');
  write('packages/bus/src/demo.ts', `import type { Post } from '../../../examples/blog/src/post.ts';`);

  expect(await violations()).toContain(
    'data-flows-one-way: packages/bus/src/demo.ts → examples/blog/src/post.ts',
  );
});

test('names that say nothing and barrels below the root are refused', async () => {
  write('packages/bus/src/utils/retry.ts', '');
  write('packages/bus/src/helpers.ts', '');
  write('packages/bus/src/common.test.ts', '');
  write('packages/bus/src/retry/index.ts', '');
  write('packages/bus/src/common-sense.ts', '');

  expect(await violations()).toEqual([
    'no-barrel-below-root: packages/bus/src/retry/index.ts',
    'no-catch-all-name: packages/bus/src/common.test.ts',
    'no-catch-all-name: packages/bus/src/helpers.ts',
    'no-catch-all-name: packages/bus/src/utils/retry.ts',
  ]);
});

test('shipped source imports no development dependency, of npm or of the workspace, not even its types', async () => {
  write('packages/store/src/schema.ts', `import type { ZodType } from 'zod';`);
  write('packages/bootstrap/src/schema.ts', `import 'zod';`);
  write('packages/bootstrap/src/local.ts', `import type { Port } from '@pipit/nats-server';`);

  expect(await violations()).toEqual([
    'no-development-dependency-shipped: packages/bootstrap/src/local.ts → packages/nats-server/src/index.ts',
    'no-development-dependency-shipped: packages/bootstrap/src/schema.ts → node_modules/zod/index.js',
    'no-development-dependency-shipped: packages/store/src/schema.ts → node_modules/zod/index.js',
  ]);
});

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

async function violations(): Promise<string[]> {
  const found = [];
  // In this process, because starting one takes longer than looking at these few files.
  for (const rules of [rulesOf(root), runtimeRules]) found.push(...(await cruised(rules)));
  return found.sort();
}

async function cruised({ forbidden, options }: IConfiguration): Promise<string[]> {
  const { output } = await cruise(['packages', 'examples'], {
    ...options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: forbidden ?? [] },
  });
  if (typeof output === 'string') throw new Error(output);
  return output.summary.violations.map(({ rule, from, to }) =>
    from === to ? `${rule.name}: ${from}` : `${rule.name}: ${from} → ${to}`,
  );
}
