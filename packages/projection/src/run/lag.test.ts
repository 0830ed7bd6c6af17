import { UnreadableEventError } from '@pipit/types-registry';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventReader } from '../event-reader.ts';
import { memoryRepository } from '../memory.ts';
import { contractLog, counted } from '../testing/contract-log.ts';
import { contractProjection } from '../testing/contract-projection.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import { unreliableRepository } from '../testing/unreliable-repository.ts';
import type { Lag } from './lag.ts';
import { rate } from './rate.ts';
import { runProjection } from './run-projection.ts';
import type { RunningProjection } from './running-projection.ts';

const logger = { info() {}, warn() {}, error() {} };
const running: RunningProjection[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

/** One that does not get to its rows any more once it has begun to write. */
function stuck(shards: number) {
  const log = contractLog();
  const repository = unreliableRepository(memoryRepository<ContractRow>(), (call) =>
    call === 'write' ? 'hold' : undefined,
  );
  const reports: Lag[] = [];
  const projection = runProjection(log, contractProjection(repository, { shards }), {
    logger,
    lagEvery: 20,
    onLag: (lag) => reports.push(lag),
  });
  running.push(projection);
  return { log, repository, reports, projection };
}

describe('lag', () => {
  it('is nothing where the rows show the whole log', async () => {
    const log = contractLog();
    const projection = runProjection(log, contractProjection(memoryRepository<ContractRow>()), { logger });
    running.push(projection);
    log.append(counted(7, ['a']));
    await projection.caughtUp();
    expect(await projection.lag()).toMatchObject({
      position: 7,
      end: 7,
      behind: 0,
      seconds: 0,
      remaining: 0,
      shards: [{ shard: 0, position: 7, behind: 0, seconds: 0, isOwned: true }],
    });
  });

  it('is told of each shard, with the age of the oldest event that the rows do not show', async () => {
    const { log, repository, reports, projection } = stuck(2);
    // Of two shards one has both keys.
    log.append(counted(3, ['a']), counted(9, ['a']));
    await expect.poll(() => repository.calls.includes('write')).toBe(true);
    const lag = await projection.lag();
    const age = (Date.now() - Date.UTC(2020, 0, 1)) / 1_000;
    expect(lag).toMatchObject({ position: 0, end: 9, behind: 9 });
    expect(Math.abs((lag.seconds ?? 0) - (age - 3))).toBeLessThan(30);
    expect(lag.shards.map(({ position }) => position).sort()).toEqual([0, 9]);
    await expect.poll(() => reports.at(-1)).toMatchObject({ behind: 9 });
    repository.resume();
    await projection.caughtUp();
    await expect.poll(() => reports.at(-1)).toMatchObject({ behind: 0, seconds: 0, remaining: 0 });
  });

  it('is not known in seconds where the next event cannot be read', async () => {
    const { log, repository, projection } = stuck(1);
    log.append(counted(3, ['a']));
    await expect.poll(() => repository.calls.includes('write')).toBe(true);
    log.read = () => {
      throw new UnreadableEventError({ stream: 'contract', position: 3, type: 'counted', cause: 'gone' });
    };
    expect(await projection.lag()).toMatchObject({ behind: 3, seconds: undefined });
    repository.resume();
  });

  it('does not end the projection where who is told of it throws', async () => {
    const log = contractLog();
    const warned: string[] = [];
    const projection = runProjection(log, contractProjection(memoryRepository<ContractRow>()), {
      logger: { ...logger, warn: (_, message) => warned.push(message) },
      lagEvery: 10,
      onLag() {
        throw new Error('no metrics');
      },
    });
    running.push(projection);
    await expect.poll(() => warned).toContain('projection could not measure its lag');
    expect(projection.status).toBe('live');
  });

  it('is not waited for when the projection is stopped while it is being measured', async () => {
    const log = contractLog();
    const asked = Promise.withResolvers<void>();
    const silent: EventReader = {
      ...log,
      position() {
        asked.resolve();
        return new Promise(() => undefined);
      },
    };
    const projection = runProjection(silent, contractProjection(memoryRepository<ContractRow>()), {
      logger,
      lagEvery: 1,
      activate: 'by-hand',
    });
    await asked.promise;
    await projection.stop();
    expect(projection.status).toBe('stopped');
  });
});

describe('a rate', () => {
  it('is that of the last ten seconds', () => {
    let now = 0;
    const speed = rate(() => now);
    expect(speed.perSecond()).toBeUndefined();
    speed.sample(0);
    expect(speed.perSecond()).toBeUndefined();
    for (now = 100; now <= 5_000; now += 100) speed.sample(now);
    expect(speed.perSecond()).toBe(1_000);
    for (; now <= 20_000; now += 100) speed.sample(5_000 + (now - 5_000) * 3);
    expect(speed.perSecond()).toBe(3_000);
  });

  it('is not known after a long rest, and then that of what comes after', () => {
    let now = 0;
    const speed = rate(() => now);
    for (; now <= 3_000; now += 100) speed.sample(now);
    now = 3_600_000;
    expect(speed.perSecond()).toBeUndefined();
    speed.sample(3_000);
    expect(speed.perSecond()).toBeUndefined();
    now += 1_000;
    speed.sample(5_000);
    expect(speed.perSecond()).toBe(2_000);
  });
});
