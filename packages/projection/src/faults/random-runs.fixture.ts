import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Repository } from '../repository.ts';
import { runProjection } from '../run/run-projection.ts';
import { shardOf } from '../run/shard-of.ts';
import { type ContractEvent, contractLog, counted, removed, toggled } from '../testing/contract-log.ts';
import { contractProjection, expectedRows } from '../testing/contract-projection.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import { type Fault, unreliableRepository } from '../testing/unreliable-repository.ts';
import { isLong, seed } from './seed.fixture.ts';

const logger = { info() {}, warn() {}, error() {} };
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');

const change = fc.oneof(
  { weight: 2, arbitrary: fc.record({ keys: fc.array(key, { maxLength: 4 }), by: fc.integer() }) },
  { weight: 1, arbitrary: fc.record({ remove: key }) },
  { weight: 2, arbitrary: fc.record({ toggle: key }) },
);

/** An event, and how many positions before it are not the projection's. */
const event = fc.record({ gap: fc.nat(2), change });

const run = fc.record({
  /** How many quarters of the history have been appended by then. */
  upTo: fc.integer({ min: 1, max: 4 }),
  /** The first does not get to the end where it ends the process; all others it has to come through. */
  faults: fc.array(
    fc.record({
      call: fc.oneof(
        { weight: 2, arbitrary: fc.constant('write') },
        fc.constantFrom('open', 'attend', 'claim', 'load', 'checkpoint', 'release'),
      ),
      /** Of how many calls of this name. */
      nth: fc.nat(4),
      fault: fc.constantFrom<Fault>('die-before', 'die-after', 'refuse', 'lose', 'lose'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

export interface RandomRunsOptions {
  /** A repository for an empty view, another one for each name. */
  open(view: string): Repository<ContractRow>;
  /** Whether rows and checkpoint are written in one transaction. Where not, rows may be ahead of it. */
  readonly isTransactional: boolean;
  readonly runs: number;
}

/** Rows are the fold of the events up to the checkpoint, over random histories, crashes, lost answers and redeliveries. */
export function testRandomRuns(
  implementation: string,
  { open, isTransactional, runs }: RandomRunsOptions,
): void {
  let views = 0;

  function historyOf(changes: readonly { gap: number; change: object }[]): readonly ContractEvent[] {
    let position = 0;
    return changes.map(({ gap, change }) => {
      position += gap + 1;
      if ('remove' in change) return removed(position, String(change.remove));
      if ('toggle' in change) return toggled(position, String(change.toggle));
      const { keys, by } = change as { keys: readonly string[]; by: number };
      return counted(position, keys, by);
    });
  }

  async function expectFold(
    repository: Repository<ContractRow>,
    history: readonly ContractEvent[],
    shards: number,
  ): Promise<void> {
    const [version] = await repository.versions.list();
    const found = new Map((await repository.find()).map((row) => [row.text.split(' ')[1] ?? '', row]));
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const checkpoint = version?.checkpoints[shardOf(name, shards)] ?? 0;
      const ends = isTransactional
        ? [checkpoint]
        : [checkpoint, ...history.map(({ position }) => position).filter((at) => at > checkpoint)];
      expect(ends.map((end) => expectedRows(history, end).get(name))).toContainEqual(found.get(name));
    }
  }

  it(`${implementation}: rows are the fold of the events up to the checkpoint (PIPIT_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(1, 3, 20),
        fc.array(run, { minLength: 1, maxLength: 3 }),
        async (changes, shards, batchSize, cachedRows, planned) => {
          views += 1;
          const view = `random ${views}`;
          const history = historyOf(changes);
          const log = contractLog(batchSize);
          for (const { upTo, faults } of [...planned, { upTo: 4, faults: [] }]) {
            const known = Math.ceil((upTo * history.length) / 4);
            log.append(...history.slice(log.events.length, Math.max(known, log.events.length)));
            const repository = unreliableRepository(
              open(view),
              (name, before) => faults.find(({ call, nth }) => call === name && nth === before)?.fault,
            );
            const projection = contractProjection(repository, { shards });
            const running = runProjection(log, projection, { logger, lease: 100, cachedRows });
            await running.caughtUp({ timeout: 20_000 }).catch((error: unknown) => {
              if (!repository.isDead) throw error;
            });
            await running.stop();
            await expectFold(open(view), history, shards);
          }
          const rows = (await open(view).find()).toSorted((one, other) => (one.text < other.text ? -1 : 1));
          const expected = [...expectedRows(history).values()];
          expect(rows).toEqual(expected.toSorted((one, other) => (one.text < other.text ? -1 : 1)));
        },
      ),
      { numRuns: isLong ? runs * 20 : runs, seed },
    );
  }, 3_600_000);
}
