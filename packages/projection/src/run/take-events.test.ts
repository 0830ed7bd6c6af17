import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineProjection, type Projection } from '../define-projection.ts';
import { memoryRepository } from '../memory.ts';
import { type ContractLog, Counted, contractLog, counted } from '../testing/contract-log.ts';
import { contractProjection } from '../testing/contract-projection.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import { unreliableRepository } from '../testing/unreliable-repository.ts';
import { runProjection } from './run-projection.ts';
import type { RunningProjection } from './running-projection.ts';

const logger = { info() {}, warn() {}, error() {} };
const running: RunningProjection[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

function run<Row>(log: ContractLog, projection: Projection<Row>, options = {}): RunningProjection {
  const started = runProjection(log, projection, { logger, ...options });
  running.push(started);
  return started;
}

const six = [1, 2, 3, 4, 5, 6].map((position) => counted(position, ['a', `k${position}`]));

describe('events', () => {
  it('find rows in memory that were used before', async () => {
    const log = contractLog(1);
    const loadsOf = async (cachedRows: number) => {
      const repository = unreliableRepository(memoryRepository<ContractRow>(), () => undefined, false);
      log.append(
        ...(log.events.length > 0 ? [] : [1, 2, 3, 4].map((at) => counted(at, at % 2 ? ['a'] : ['b']))),
      );
      await run(log, contractProjection(repository), { cachedRows }).caughtUp();
      expect((await repository.find()).map(({ list }) => list)).toEqual([
        [1, 3],
        [2, 4],
      ]);
      return repository.calls.filter((call) => call === 'load').length;
    };
    expect(await loadsOf(10)).toBe(2);
    expect(await loadsOf(1)).toBe(4);
  });

  it('are taken in up to the one that fails, wherever it stands in a batch', async () => {
    for (const bad of [1, 2, 4, 6]) {
      for (const where of ['key', 'on', 'row'] as const) {
        const log = contractLog(10);
        log.append(...six);
        const row = z.object({ at: z.number().max(where === 'row' ? bad - 1 : 100) });
        const at = defineProjection({
          name: 'at',
          from: [Counted],
          key: ({ data, position }) => {
            if (where === 'key' && position === bad) throw new RangeError('no key');
            return data.keys;
          },
          on: {
            counted: (_, { position }) => {
              if (where === 'on' && position === bad) throw new RangeError('no row');
              return { at: position };
            },
          },
          into: memoryRepository({ row }),
        });
        const projection = run(log, at);
        await expect(projection.closed).rejects.toMatchObject({ position: bad, type: 'counted' });
        expect([await at.repository.get('a'), projection.position]).toEqual([
          bad === 1 ? undefined : { at: bad - 1 },
          bad - 1,
        ]);
        expect(await at.repository.get(`k${bad}`)).toBeUndefined();
      }
    }
  });

  it('go on where the failure was, once it has been corrected', async () => {
    const log = contractLog(10);
    log.append(...six);
    const into = memoryRepository<ContractRow>();
    const whole = contractProjection(into);
    const broken: typeof whole = {
      ...whole,
      project: (row, event, key) => {
        if (event.position === 4) throw new RangeError('not yet');
        return whole.project(row, event, key);
      },
    };
    await expect(run(log, broken).closed).rejects.toMatchObject({ position: 4 });
    await run(log, whole).caughtUp();
    expect((await into.get('a'))?.list).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are refused by keys that cannot be, with the event that has them', async () => {
    const log = contractLog();
    log.append(counted(1, ['a']), counted(2, ['b', '']));
    const projection = contractProjection(memoryRepository<ContractRow>());
    await expect(run(log, projection).closed).rejects.toMatchObject({
      position: 2,
      cause: { code: 'INVALID_KEY' },
    });
    expect(await projection.repository.find()).toHaveLength(1);
  });

  it('that cannot be read are left out and counted where that is asked for', async () => {
    const log = contractLog();
    log.append(counted(1, ['a']), counted(3, ['a']));
    const { follow } = log;
    log.follow = async function* (options) {
      expect(options?.unreadable).toBe('skip');
      for await (const batch of follow(options)) yield { ...batch, skipped: batch.events.length > 0 ? 1 : 0 };
    };
    const projection = run(log, contractProjection(memoryRepository<ContractRow>()), { unreadable: 'skip' });
    await projection.caughtUp();
    expect(projection.skipped).toBe(1);
  });
});
