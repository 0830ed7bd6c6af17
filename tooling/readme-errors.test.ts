import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Manifest } from './pack.ts';

const packages = join(import.meta.dirname, '../packages');
const names = ['types-registry', 'store', 'bus', 'projection', 'saga', 'bootstrap', 'nats-server'];

/** A class that is an error with a code of its own, declared anywhere in a package: `[name, code]`. */
const declared = /^export (?:abstract )?class (\w+)[^{]*\{[^}]*?\breadonly code(?:: string)? = '([A-Z_]+)'/gm;

test.each(names)('whoever meets an error of %s finds it in the README, with what to do', (name) => {
  const folder = join(packages, name);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.values(exports).map((file) => readFileSync(join(folder, file), 'utf8'));
  const errors = globSync('src/**/*.ts', {
    cwd: folder,
    exclude: (file) => /\.(test|fixture)\.ts$/.test(file),
  })
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(declared)])
    .filter(([, error = '']) => entries.some((entry) => entry.includes(error)));
  expect(errors).not.toEqual([]);

  const rows = failureTable(readFileSync(join(folder, 'README.md'), 'utf8'));
  const missing = errors.flatMap(([, error = '', code = '']) =>
    [error, code].filter((word) => !rows.includes(`\`${word}\``)),
  );
  expect(missing).toEqual([]);
});

test.each(names)('the README of %s has the chapters that all have, in their order', (name) => {
  const readme = readFileSync(join(packages, name, 'README.md'), 'utf8');
  const chapters = ['What it does', 'Options', 'Guarantees, and what is not promised', failures, 'Libraries'];
  const found = [...readme.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);
  expect(found.filter((title) => chapters.includes(title))).toEqual(chapters);
});

const failures = 'What you see, why, and what to do';

function failureTable(readme: string): string {
  const [, chapter = ''] = readme.split(`\n## ${failures}\n`);
  return chapter.split('\n## ')[0] ?? '';
}
