import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '@pipit/nats-server';
import { readmePrograms } from '@pipit/tooling/readme';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../cluster.md', import.meta.url), 'utf8');

test('nats-server takes the configuration of the page', async () => {
  const { path } = await findNatsServer();
  const [, configuration = ''] = /^```conf\n(.*?)^```$/ms.exec(page) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'pipit-cluster-'));
  const file = join(folder, 'nats.conf');
  writeFileSync(file, configuration.replace('/var/lib/nats', folder));
  expect(execFileSync(path, ['-t', '-c', file], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
  rmSync(folder, { recursive: true });
});

readmePrograms(import.meta.url, { readme: 'cluster.md' });
