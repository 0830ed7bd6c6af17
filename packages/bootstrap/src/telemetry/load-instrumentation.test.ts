import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { listeningLogger } from '../post.fixture.ts';
import { noInstrumentation } from './instrumentation.ts';
import { loadInstrumentation } from './load-instrumentation.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** An application somewhere else, with the package as it says. */
async function loadIn(installed: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'pipit-telemetry-'));
  folders.push(folder);
  const api = join(folder, 'node_modules', '@opentelemetry', 'api');
  if (Object.keys(installed).length > 0) await mkdir(api, { recursive: true });
  for (const [file, text] of Object.entries(installed)) await writeFile(join(api, file), text);
  // An installed program is Node's own to load, and not the test runner's.
  const place = join(folder, 'node_modules', 'program');
  await mkdir(place, { recursive: true });
  const program = join(place, 'load.mjs');
  await writeFile(program, `export const load = () => import('@opentelemetry/api');`);
  const { load } = await import(/* @vite-ignore */ pathToFileURL(program).href);
  const { lines, logger } = listeningLogger();
  const instrumentation = await loadInstrumentation({ store: 'blog', sagas: [], logger, load });
  return { instrumentation, lines };
}

const manifest = JSON.stringify({ name: '@opentelemetry/api', type: 'module', exports: './index.js' });

it('does nothing, and says nothing, where OpenTelemetry is not installed', async () => {
  expect(await loadIn({})).toEqual({ instrumentation: noInstrumentation, lines: [] });
});

it('says what is wrong with one that is installed and cannot be loaded', async () => {
  const cases = [
    { 'package.json': manifest },
    { 'package.json': manifest, 'index.js': `import 'not-there';` },
    { 'package.json': manifest, 'index.js': `throw new Error('too old');` },
  ];
  for (const installed of cases) {
    const { instrumentation, lines } = await loadIn(installed);
    expect(instrumentation).toBe(noInstrumentation);
    expect(lines.join()).toMatch(
      /no telemetry.*(index\.js|not-there|too old)|(index\.js|not-there|too old).*no telemetry/,
    );
  }
});

it('makes spans with one that is installed', async () => {
  const { logger } = listeningLogger();
  const { use } = await loadInstrumentation({ store: 'blog', sagas: [], logger });
  expect(use).toHaveLength(1);
});
