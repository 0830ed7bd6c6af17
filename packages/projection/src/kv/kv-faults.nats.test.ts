import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OwnedShard, Repository } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';
import { change, claimed, writeLoaded } from '../testing/contract-changes.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import { StaleOwnerError } from '../version-errors.ts';
import { failure, type KvPlace, openPlace } from './kv-view.fixture.ts';

let place: KvPlace;

beforeEach(async () => {
  place = await openPlace();
});

afterEach(() => place.close());

async function shardOf(repository: Repository<ContractRow>): Promise<OwnedShard<ContractRow>> {
  return await claimed(await repository.versions.open(1, { shards: 1 }), 0);
}

const many = (count: number, text: string, position: number) =>
  Array.from({ length: count }, (_, at) => change(`k${at}`, { text, count: at }, position));

const state = async () => (await place.manager.streams.info(await place.streamOf(1))).state;

it('a server that is down is an error that passes, and works again when it is back', async () => {
  const repository = await place.open({ timeout: 100 });
  await repository.save('a', { text: 'before' });
  const shard = await shardOf(repository);
  const fresh = await place.open({ timeout: 100 });
  await place.server.kill();
  const attempts = [
    repository.get('a'),
    repository.find(),
    repository.save('a', { text: 'lost' }),
    shard.write([change('b', { text: 'lost' }, 1)], 1),
    fresh.versions.list(),
  ];
  for (const error of await Promise.all(attempts.map(failure))) {
    expect(error).toBeInstanceOf(RepositoryError);
    expect(error).toMatchObject({ view: 'faults', reason: 'unreachable', passing: true });
  }
  await place.server.restart();
  for (const back of [repository, fresh])
    await expect
      .poll(() => failure(back.get('a')), { timeout: 10_000 })
      .toEqual({ resolved: { text: 'before' } });
  await shard.write([change('b', { text: 'after' }, 1)], 1);
  expect(await fresh.get('b')).toEqual({ text: 'after' });
}, 30_000);

it('a connection that is closed is an error at once', async () => {
  const connection = await place.connection();
  const repository = await place.open({ connection });
  await repository.save('a', { text: 'before' });
  await connection.close();
  const began = performance.now();
  expect(await failure(repository.get('a'))).toMatchObject({ reason: 'unreachable' });
  expect(await failure(repository.save('a', { text: 'x' }))).toMatchObject({ reason: 'unreachable' });
  expect(performance.now() - began).toBeLessThan(1_000);
});

it('a write during which the server is killed has happened as far as its error lets one repeat it', async () => {
  const repository = await place.open({ timeout: 20_000 }, { servers: place.proxy.url });
  const shard = await shardOf(repository);
  await shard.write(many(2_500, 'one', 1), 1);
  const loaded = await shard.load(many(2_500, '', 0).map(({ key }) => key));
  const changes = many(2_500, 'two', 2).map((one) => ({ ...one, before: loaded.get(one.key) }));
  // In the middle of the second of three batches.
  const reached = place.proxy.freezeAt('rows.k1400 ');
  const write = failure(shard.write(changes, 2));
  await reached;
  await place.server.kill();
  place.proxy.thaw();
  await place.server.restart();
  expect(await write).toMatchObject({ resolved: expect.anything() });
  const found = await (await place.open()).find({ text: 'two' });
  expect(found).toHaveLength(2_500);
  expect(await (await repository.versions.open(1, { shards: 1 })).checkpoint(0)).toBe(2);
}, 60_000);

describe('a write whose answer is lost', () => {
  it('is looked up, and hands out the revisions as if it had been answered', async () => {
    const shard = await shardOf(await place.open({ timeout: 20_000 }, { servers: place.proxy.url }));
    await shard.write(many(3, 'one', 1), 1);
    const before = await state();
    place.proxy.loseAnswers();
    const loaded = many(3, 'two', 2);
    const keep = (revision: number) => ({
      row: { text: 'one' },
      position: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      revision,
    });
    const write = shard.write(
      loaded.map((one, at) => ({ ...one, before: keep(before.last_seq - 2 + at) })),
      2,
    );
    await expect.poll(async () => (await state()).last_seq).toBe(before.last_seq + 4);
    place.proxy.cut();
    const revisions = await write;
    expect(revisions).toEqual([2, 3, 4].map((at) => before.last_seq + at));
    expect((await state()).last_seq).toBe(before.last_seq + 4);
    const again = loaded.map((one, at) => ({
      ...one,
      row: { text: 'three' },
      position: 3,
      before: keep(revisions?.[at] as number),
    }));
    await shard.write(again, 3);
    expect(await (await place.open()).find({ text: 'three' })).toHaveLength(3);
  }, 30_000);

  it('and that is given up changes nothing when it is repeated', async () => {
    const repository = await place.open({ timeout: 100 }, { servers: place.proxy.url });
    const shard = await shardOf(repository);
    const before = await state();
    place.proxy.loseAnswers();
    expect(await failure(shard.write(many(1_500, 'new', 5), 5))).toMatchObject({ reason: 'unreachable' });
    place.proxy.cut();
    const lost = await state();
    expect(lost.last_seq).toBe(before.last_seq + 1_000);
    const loaded = await shard.load(many(1_500, '', 0).map(({ key }) => key));
    expect(loaded.size).toBe(999);
    const made = many(1_500, 'new', 5).map((one) => ({ ...one, before: loaded.get(one.key) }));
    await shard.write(made, 5);
    const after = await state();
    await shard.write(made, 5);
    expect(await state()).toEqual(after);
    expect(await repository.find({ text: 'new' })).toHaveLength(1_500);
  }, 30_000);
});

describe('an owner', () => {
  it.each([
    ['before its write begins', 'Nats-Batch-Sequence: 1\r'],
    ['in the middle of its write', 'Nats-Batch-Sequence: 500\r'],
    ['before the end of its write', 'Nats-Batch-Commit'],
  ])('that freezes %s while another claims and goes on writes nothing', async (_, text) => {
    const slow = await place.open({}, { servers: place.proxy.url });
    const version = await slow.versions.open(1, { shards: 1 });
    const stale = (await version.claim(0, 'stale', 0)) as OwnedShard<ContractRow>;
    await writeLoaded(stale, { k1: { text: 'one' } }, 1);
    const loaded = await stale.load(['k1']);
    const changes = many(999, 'stale', 2).map((one) => ({ ...one, before: loaded.get(one.key) }));
    const frozen = place.proxy.freezeAt(text);
    const write = failure(stale.write(changes, 2));
    await frozen;
    const rows = await place.open();
    const owner = await shardOf(rows);
    expect(owner.checkpoint).toBe(1);
    await writeLoaded(owner, { k1: { text: 'two' }, k2: undefined }, 2);
    place.proxy.thaw();
    expect(await write).toBeInstanceOf(StaleOwnerError);
    await writeLoaded(owner, { k3: { text: 'three' } }, 3);
    expect(await rows.find()).toEqual([{ text: 'two' }, { text: 'three' }]);
    expect(await version.checkpoint(0)).toBe(3);
  });

  it('has its lease by the clock of the server, whatever the clock of a process says', async () => {
    const version = await (await place.open()).versions.open(1, { shards: 1 });
    try {
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-01-01') });
      const owner = await claimed(version, 0);
      vi.setSystemTime(new Date('2099-01-01'));
      expect(await version.claim(0, 'other', 60_000)).toBeUndefined();
      vi.setSystemTime(new Date('2001-01-01'));
      await owner.renew(0);
      expect(await version.claim(0, 'other', 60_000)).toBeDefined();
    } finally {
      vi.useRealTimers();
    }
  });

  it('whose rows somebody saves by hand meanwhile is told, and goes on with what it loads', async () => {
    const repository = await place.open();
    const shard = await shardOf(repository);
    await writeLoaded(shard, { a: { text: 'one' }, b: { text: 'one' } }, 1);
    const loaded = await shard.load(['a', 'b']);
    await repository.save('b', { text: 'by hand' });
    const changes = ['a', 'b'].map((key) => change(key, { text: 'two' }, 2, loaded.get(key)));
    expect(await failure(shard.write(changes, 2))).toMatchObject({ reason: 'busy', passing: true });
    expect(await repository.find()).toEqual([{ text: 'one' }, { text: 'by hand' }]);
    await writeLoaded(shard, { a: { text: 'two' }, b: { text: 'two' } }, 2);
    expect(await repository.find({ text: 'two' })).toHaveLength(2);
  });
});

it('many who save the same rows by hand all do', async () => {
  const repositories = await Promise.all([1, 2].map(() => place.open()));
  const rows = Array.from({ length: 50 }, (_, at) => [`k${at}`, { text: 'x' }] as const);
  await Promise.all(Array.from({ length: 10 }, (_, at) => repositories[at % 2]?.saveMany(rows)));
  expect(await repositories[0]?.find()).toHaveLength(50);
}, 20_000);

it('a bucket that has lost its end is noticed by the owner of a shard, who writes nothing on it', async () => {
  const repository = await place.open();
  const shard = await shardOf(repository);
  await shard.write([change('b', { text: 'kept' }, 5)], 5);
  await writeLoaded(shard, { b: { text: 'lost' } }, 9);
  const stream = await place.streamOf(1);
  const subject = `$KV.${stream.slice('KV_'.length)}.shards.0`;
  const entry = await place.manager.streams.getMessage(stream, { last_by_subj: subject });
  const back = JSON.stringify({ ...entry?.json<object>(), checkpoint: 5 });
  await (await place.connection()).request(subject, back);
  expect(await failure(shard.write([change('c', { text: 'x' }, 10)], 10))).toBeInstanceOf(StaleOwnerError);
  expect(await failure(shard.renew(1_000))).toBeInstanceOf(StaleOwnerError);
  expect(await repository.get('c')).toBeUndefined();
});
