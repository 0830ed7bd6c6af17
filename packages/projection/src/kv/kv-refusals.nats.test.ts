import type { NatsConfigValue } from '@pipit/nats-server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RowTooLargeError } from '../kv.ts';
import { InvalidRepositoryError } from '../repository-errors.ts';
import { change, claimed, writeLoaded } from '../testing/contract-changes.ts';
import { StaleOwnerError, UnknownVersionError } from '../version-errors.ts';
import { failure, type KvPlace, openPlace } from './kv-view.fixture.ts';

let place: KvPlace;

beforeEach(async () => {
  const user = (name: string, deny?: readonly string[]): NatsConfigValue => ({
    user: name,
    password: 'x',
    ...(deny && { permissions: { publish: { allow: ['>'], deny: [...deny] } } }),
  });
  const users = [
    user('owner'),
    user('reader', ['$KV.>', '$JS.API.STREAM.CREATE.>', '$JS.API.STREAM.DELETE.>']),
    user('rowless', ['$KV.*.rows.>']),
    user('shardless', ['$KV.*.shards.>']),
    user('blind', ['$JS.API.STREAM.MSG.GET.>']),
  ];
  place = await openPlace({ authorization: { users } }, { user: 'owner', pass: 'x' });
});

afterEach(() => place.close());

it('what a user may not do is told at once from a server that is away', async () => {
  const owner = await place.open();
  await owner.save('a', { text: 'before' });
  const forbidden = { code: 'REPOSITORY', reason: 'forbidden', passing: false };

  const reader = await place.open({}, { user: 'reader' });
  expect(await reader.get('a')).toEqual({ text: 'before' });
  expect(await reader.find()).toEqual([{ text: 'before' }]);
  const version = await reader.versions.open(1, { shards: 1 });
  const empty = await place.open({ bucket: 'other' }, { user: 'reader' });
  const blind = await place.open({}, { user: 'blind' });
  const refused = [
    reader.save('a', { text: 'x' }),
    reader.saveMany([
      ['a', { text: 'x' }],
      ['b', { text: 'x' }],
    ]),
    reader.delete('a'),
    version.claim(0, 'reader', 1_000),
    version.attend('reader', 1_000),
    reader.versions.open(2, { shards: 1 }),
    empty.save('a', { text: 'x' }),
    blind.get('a'),
  ];
  for (const error of await Promise.all(refused.map(failure))) expect(error).toMatchObject(forbidden);
  expect(await empty.get('a')).toBeUndefined();

  const rowless = await (await place.open({}, { user: 'rowless' })).versions.open(1, { shards: 1 });
  const shard = await claimed(rowless, 0);
  const changes = ['b', 'c', 'd'].map((key) => change(key, { text: '' }, 1));
  expect(await failure(shard.write(changes, 1))).toMatchObject(forbidden);
  await shard.release();
  const shardless = await (await place.open({}, { user: 'shardless' })).versions.open(1, { shards: 1 });
  expect(await failure(shardless.claim(0, 'shardless', 1_000))).toMatchObject(forbidden);
  expect(await owner.find()).toEqual([{ text: 'before' }]);
  expect(await rowless.checkpoint(0)).toBe(0);
}, 20_000);

it('a version that is full refuses a write as a whole, and takes it when there is room', async () => {
  const repository = await place.open({ maxBytes: 40_000 });
  const shard = await claimed(await repository.versions.open(1, { shards: 1 }), 0);
  await writeLoaded(shard, { a: { text: 'x'.repeat(20_000) } }, 1);
  const text = 'x'.repeat(500);
  const changes = Array.from({ length: 60 }, (_, at) => change(`k${at}`, { text }, 2));
  expect(await failure(shard.write(changes, 2))).toMatchObject({ reason: 'full', passing: true });
  expect(await failure(repository.save('b', { text: 'x'.repeat(40_000) }))).toMatchObject({ reason: 'full' });
  expect(await repository.find()).toHaveLength(1);
  expect((await repository.versions.list())[0]?.checkpoints).toEqual([1]);

  const stream = await place.streamOf(1);
  const { config } = await place.manager.streams.info(stream);
  await place.manager.streams.update(stream, { ...config, max_bytes: 400_000 });
  await shard.write(changes, 2);
  expect(await repository.find()).toHaveLength(61);
});

it('a row that is over the limit of the server is refused before anything is written', async () => {
  const repository = await place.open();
  const shard = await claimed(await repository.versions.open(1, { shards: 1 }), 0);
  const limit = 1024 * 1024;
  const large = { text: 'x'.repeat(limit) };
  const refused = await failure(shard.write([change('a', { text: '' }, 1), change('b', large, 1)], 1));
  expect(refused).toBeInstanceOf(RowTooLargeError);
  expect(refused).toMatchObject({ code: 'ROW_TOO_LARGE', view: 'faults', key: 'b', limit });
  expect((refused as RowTooLargeError).size).toBeGreaterThan(limit);
  const saved = await failure(
    repository.saveMany([
      ['a', { text: '' }],
      ['🐦'.repeat(128), large],
    ]),
  );
  expect(saved).toBeInstanceOf(RowTooLargeError);
  expect(await repository.find()).toEqual([]);
  const most = { text: 'x'.repeat(limit - 3_000) };
  await shard.write([change('🐦'.repeat(128), most, 1)], 1);
  expect(await repository.find()).toEqual([most]);
});

it('a bucket that somebody deletes ends its owners, is told to readers, and is made anew', async () => {
  const repository = await place.open();
  const rows = await repository.versions.open(1, { shards: 1 });
  const shard = await claimed(rows, 0);
  await writeLoaded(shard, { a: { text: 'one' } }, 1);
  await place.manager.streams.delete(await place.streamOf(1));
  expect(await failure(shard.write([change('b', { text: '' }, 2)], 2))).toBeInstanceOf(StaleOwnerError);
  expect(await failure(rows.claim(0, 'me', 1_000))).toBeInstanceOf(UnknownVersionError);
  const reads = [repository.get('a'), repository.getMany(['a']), repository.find(), repository.page()];
  for (const error of await Promise.all(reads.map(failure)))
    expect(error).toMatchObject({ code: 'REPOSITORY', reason: 'failed' });

  const again = await claimed(await repository.versions.open(1, { shards: 1 }), 0);
  expect(again.checkpoint).toBe(0);
  await writeLoaded(again, { a: { text: 'again' } }, 1);
  expect(await repository.get('a')).toEqual({ text: 'again' });

  await place.manager.streams.delete('KV_view_faults');
  expect(await repository.get('a')).toBeUndefined();
  expect(await repository.versions.list()).toEqual([]);
  await repository.versions.open(1, { shards: 1 });
  expect(await repository.find()).toEqual([]);
});

it('a version that is dropped gives its space back, also where that broke off', async () => {
  const repository = await place.open();
  await repository.save('a', { text: 'one' });
  await repository.versions.open(2, { shards: 1 });
  const dropped = await place.streamOf(2);
  await repository.versions.drop(2);
  const names = async () => (await place.manager.streams.names().next()).toSorted();
  expect(await names()).toEqual([await place.streamOf(1), 'KV_view_faults'].toSorted());

  // As when the process dies after the version has been struck off, before its bucket is deleted.
  const config = { name: dropped, subjects: [`$KV.${dropped.slice(3)}.>`] };
  await place.manager.streams.add(config);
  const found = await place.manager.streams.getMessage('KV_view_faults', {
    last_by_subj: '$KV.view_faults.versions',
  });
  const directory = found?.json<object>();
  const connection = await place.connection();
  await connection.request(
    '$KV.view_faults.versions',
    JSON.stringify({ ...directory, leaving: [dropped.slice(3)] }),
  );
  await repository.versions.open(1, { shards: 1 });
  expect(await names()).toEqual([await place.streamOf(1), 'KV_view_faults'].toSorted());
});

it('a view is opened under a name that its buckets can have', async () => {
  expect(await failure(place.open({ name: 'posts by author' }))).toBeInstanceOf(InvalidRepositoryError);
  const named = await place.open({ name: 'posts by author', bucket: 'posts' });
  await named.save('a', { text: 'one' });
  expect(await named.get('a')).toEqual({ text: 'one' });
});
