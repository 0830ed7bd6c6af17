import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const variable = 'PIPIT_BLOG_EMPTY_DATABASE';

/** Makes one empty database per run, because that takes seconds; tests copy it. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'pipit-empty-'));
  await (await PGlite.create(folder)).close();
  process.env[variable] = folder;
  return () => rm(folder, { recursive: true });
}

/** A new folder for the data of a blog. */
export async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipit-blog-'));
  await cp(String(process.env[variable]), join(folder, 'views'), { recursive: true });
  return folder;
}
