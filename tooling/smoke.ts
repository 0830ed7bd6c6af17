import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackages, run } from './pack.ts';
import { followFirstService } from './smoke-first-service.ts';

/** Does what a newcomer does: installs the packages with npm in an empty project, compiles, and runs. */

const folder = mkdtempSync(join(tmpdir(), 'pipit-smoke-'));
try {
  const tarballs = new Map(packPackages(folder).map(({ manifest, tarball }) => [manifest.name, tarball]));
  const project = join(folder, 'project');
  cpSync(join(import.meta.dirname, 'smoke'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');

  const install = (...names: string[]) =>
    run(
      'npm',
      ['install', '--no-audit', '--no-fund', ...names.map((name) => tarballs.get(name) ?? name)],
      project,
    );
  const works = (program: string) => {
    run('npx', ['--no-install', 'tsc', '--pretty', 'false', '--project', `${program}.json`], project);
    run('node', [`${program}.mjs`], project);
    console.log(`✓ ${program}`);
  };
  for (const program of ['memory', 'jetstream']) {
    const config = { extends: './tsconfig.json', files: [`${program}.mts`] };
    writeFileSync(join(project, `${program}.json`), JSON.stringify(config));
  }

  install('@pipit/types-registry', '@pipit/store', 'zod', 'typescript', '@types/node@24');
  // Before any NATS package is there, because what does not need one must not load one.
  works('memory');

  install('@pipit/nats-server', '@nats-io/nats-core', '@nats-io/jetstream', '@nats-io/transport-node');
  works('jetstream');

  await followFirstService(join(folder, 'first-service'), (name) => tarballs.get(name));
  console.log('✓ first service');
} finally {
  rmSync(folder, { recursive: true });
}
