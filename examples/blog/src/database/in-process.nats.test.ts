import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProcess } from '../process.fixture.ts';
import { newDataDir } from './empty-database.fixture.ts';

it('views in a folder go on where they were when the blog starts again', { timeout: 60_000 }, async () => {
  const env = { PIPIT_DATA_DIR: await newDataDir(), LOG_LEVEL: 'info' };
  const first = startProcess(env);
  await first.serves();
  expect(first.owned('posts')).toEqual([0, 0, 0, 0]);
  const authorId = await first.create('/users', { name: 'Ada' });
  const drafted = await first.call('POST', '/posts', { json: { authorId, title: 'Hello', body: 'World' } });
  const position = Number(drafted.headers.get('position'));
  first.kill('SIGTERM');
  expect(await first.ended).toEqual([0, null]);

  const second = startProcess(env);
  await second.serves();
  await expect.poll(() => second.owned('posts')).toEqual([position, position, position, position]);
  expect((await second.call('GET', '/posts')).body).toMatchObject([
    { title: 'Hello', author: { name: 'Ada' } },
  ]);
  await second.create('/posts', { authorId, title: 'Again', body: 'x' });
  expect((await second.call('GET', '/posts')).body).toHaveLength(2);
  second.kill('SIGTERM');
  expect(await second.ended).toEqual([0, null]);
});

it('a folder of views is one process’s, unless that is gone', async () => {
  const env = { PIPIT_DATA_DIR: await newDataDir() };
  await writeFile(join(env.PIPIT_DATA_DIR, 'views.pid'), '999999999');
  const first = startProcess(env);
  await first.serves();
  const second = startProcess(env);
  expect(await second.ended).toEqual([1, null]);
  expect(second.log()).toMatch(/^Process \d+ has the views in .*\/views\. Stop it, set DATABASE_URL/);
  expect((await first.call('GET', '/readyz')).status).toBe(200);
});

it('a folder that no database can be in is said to be none', async () => {
  const folder = await newDataDir();
  await writeFile(join(folder, 'file'), '');
  const blog = startProcess({ PIPIT_DATA_DIR: join(folder, 'file') });
  expect(await blog.ended).toEqual([1, null]);
  expect(blog.log()).toMatch(/ENOTDIR|EEXIST/);
});
