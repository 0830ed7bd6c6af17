import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '../repository.ts';
import { type RunOptions, runProjection } from '../run/run-projection.ts';
import type { RunningProjection } from '../run/running-projection.ts';
import { viewOf } from '../view.ts';
import {
  type ContractEvent,
  type ContractLog,
  contractLog,
  counted,
  removed,
  toggled,
} from './contract-log.ts';
import { contractProjection, expectedRows } from './contract-projection.ts';
import {
  type ContractRow,
  contractRow,
  type OpenedRepository,
  type RepositoryOpener,
} from './contract-row.ts';
import { type Fault, unreliableRepository } from './unreliable-repository.ts';

const logger = { info() {}, warn() {}, error() {} };
const patience = { timeout: 20_000 };
const history: readonly ContractEvent[] = [
  counted(1, ['a']),
  counted(2, ['b', 'c', 'b']),
  counted(3, []),
  counted(5, ['a', 'c'], 10),
  removed(6, 'c'),
  removed(7, 'nobody'),
  counted(8, ['c', 'd'], -4),
  counted(9, ['a', 'b', 'c', 'd'], 0.5),
  removed(10, 'b'),
  toggled(11, 'd'),
  toggled(12, 'b'),
  counted(13, ['e', 'a', 'd']),
];

/** What projections promise over a repository, whatever dies in between. `open` gives an empty view each time. */
export function testProjection(implementation: string, open: RepositoryOpener): void {
  describe(`projections over ${implementation}`, () => {
    const running: RunningProjection[] = [];
    let opened: OpenedRepository;
    let log: ContractLog;

    beforeEach(async () => {
      opened = await open({ name: 'counts', row: contractRow });
      log = contractLog();
    });

    afterEach(async () => {
      await Promise.all(running.splice(0).map((one) => one.stop()));
      await opened.release?.();
    });

    interface Wanted extends RunOptions {
      readonly version?: number;
      readonly shards?: number;
      readonly text?: string;
    }

    function run(
      repository: Repository<ContractRow>,
      { version = 1, shards = 1, text = 'row', ...options }: Wanted = {},
    ): RunningProjection {
      const projection = contractProjection(repository, { version, shards, text });
      const started = runProjection(log, projection, { logger, lease: 100, ...options });
      running.push(started);
      return started;
    }

    async function expectRows(position?: number, text?: string): Promise<void> {
      const expected = expectedRows(history, position, text);
      expect(await opened.repository.find()).toEqual(inOrder(expected));
    }

    it('show the log, up to its end and as it goes on', async () => {
      log.append(...history.slice(0, 6));
      const projection = run(opened.repository);
      await projection.caughtUp(patience);
      await expectRows(7);
      const view = viewOf(contractProjection(await opened.another()));
      for (const event of history.slice(6)) {
        log.append(event);
        await view.waitFor(event, patience);
        await expectRows(event.position);
      }
      expect(await projection.lag()).toMatchObject({ position: 13, end: 13, behind: 0, seconds: 0 });
    });

    it('begin where they ended, and take in no event twice', async () => {
      for (let count = 2; count <= history.length; count += 2) {
        log.append(...history.slice(count - 2, count));
        const projection = run(opened.repository);
        await projection.caughtUp(patience);
        await projection.stop();
        await expectRows(history[count - 1]?.position);
      }
    });

    const faults: readonly Fault[] = ['die-before', 'die-after', 'refuse', 'lose'];
    it.each(faults)(
      'come out the same where each of their calls in turn does %s',
      async (fault) => {
        log = contractLog(2);
        log.append(...history);
        let isBroken = true;
        let version = 0;
        while (isBroken) {
          version += 1;
          const broken = version - 1;
          isBroken = false;
          let seen = 0;
          const unreliable = unreliableRepository(opened.repository, () => {
            seen += 1;
            if (seen !== broken + 1) return undefined;
            isBroken = true;
            return fault;
          });
          const first = run(unreliable, { version, shards: 2, activate: 'by-hand' });
          await first.caughtUp(patience).catch((error: unknown) => {
            if (!unreliable.isDead) throw error;
          });
          await first.stop();
          const second = run(opened.repository, { version, shards: 2, activate: 'by-hand' });
          await second.caughtUp(patience);
          await second.stop();
          await opened.repository.versions.activate(version);
          await expectRows();
          if (version > 1) await opened.repository.versions.drop(version - 1);
        }
        expect(version).toBeGreaterThan(8);
      },
      120_000,
    );

    it.each(['load', 'write'])(
      'are not changed by a process that wakes up in the middle of a %s when others have gone on',
      async (call) => {
        log.append(...history.slice(0, 3));
        const frozen = unreliableRepository(opened.repository, (name) =>
          // It renews nothing either.
          name === call || name === 'renew' || name === 'attend' ? held(name, call) : undefined,
        );
        let isFirst = true;
        function held(name: string, wanted: string): Fault | undefined {
          if (name === 'attend' && isFirst) {
            isFirst = false;
            return undefined;
          }
          return name === wanted || !isFirst ? 'hold' : undefined;
        }
        const stale = run(frozen);
        await expect.poll(() => frozen.calls.includes(call)).toBe(true);
        log.append(...history.slice(3, 7));
        const next = run(await opened.another());
        await next.caughtUp(patience);
        await expectRows(8);
        frozen.resume();
        log.append(...history.slice(7));
        await next.caughtUp(patience);
        await expectRows();
        await expect.poll(() => stale.shards).toEqual([]);
        await expectRows();
      },
      30_000,
    );

    it('share shards between processes, and take over those of one that dies', async () => {
      log.append(...history.slice(0, 4));
      const dying = unreliableRepository(opened.repository, () => (isDying ? 'die-before' : undefined));
      let isDying = false;
      const first = run(dying, { shards: 4 });
      const second = run(await opened.another(), { shards: 4 });
      await expect.poll(() => [first.shards.length, second.shards.length], patience).toEqual([2, 2]);
      expect([...first.shards, ...second.shards].sort()).toEqual([0, 1, 2, 3]);
      log.append(...history.slice(4, 7));
      await Promise.all([first.waitFor(8, patience), second.waitFor(8, patience)]);
      await expectRows(8);
      isDying = true;
      log.append(...history.slice(7));
      await second.waitFor(13, patience);
      expect(second.shards).toEqual([0, 1, 2, 3]);
      await expectRows();
    }, 60_000);

    it('are waited for also while shards go to another process', async () => {
      log.append(...history.slice(0, 4));
      const first = run(opened.repository, { shards: 4 });
      await first.caughtUp(patience);
      const waiting = first.waitFor(13, patience);
      const second = run(await opened.another(), { shards: 4 });
      await expect.poll(() => [first.shards.length, second.shards.length], patience).toEqual([2, 2]);
      log.append(...history.slice(4));
      await waiting;
      await expectRows();
    }, 60_000);

    it('build a new version beside the one that is read, and switch when it shows the whole log', async () => {
      log.append(...history.slice(0, 5));
      const old = run(opened.repository, { text: 'old' });
      await old.caughtUp(patience);
      // It dies while it builds, and goes on where it was.
      const dying = unreliableRepository(await opened.another(), (name, before) =>
        name === 'write' && before > 0 ? 'die-after' : undefined,
      );
      const died = run(dying, { version: 2, shards: 2, text: 'new' });
      await expect(died.closed).rejects.toMatchObject({ code: 'PROJECTION_FAILED' });
      expect(dying.isDead).toBe(true);
      await expectRows(6, 'old');
      log.append(...history.slice(5));
      await old.caughtUp(patience);
      await expectRows(undefined, 'old');
      const rebuilt = run(await opened.another(), { version: 2, shards: 2, text: 'new' });
      await rebuilt.caughtUp(patience);
      await expectRows(undefined, 'new');
      await opened.repository.versions.drop(1);
      await expect(old.closed).rejects.toMatchObject({ cause: { code: 'UNKNOWN_VERSION' } });
      expect((await opened.repository.versions.list()).map(({ version }) => version)).toEqual([2]);
      await expectRows(undefined, 'new');
    }, 60_000);

    it('are read from the highest of several versions that are built at once', async () => {
      log.append(...history);
      await run(opened.repository, { text: 'old' }).caughtUp(patience);
      const highest = run(opened.repository, { version: 3, text: 'highest' });
      const between = run(await opened.another(), { version: 2, text: 'between' });
      await Promise.all([highest.caughtUp(patience), between.caughtUp(patience)]);
      await expectRows(undefined, 'highest');
    });

    it('switch by hand where that is asked for', async () => {
      log.append(...history);
      await run(opened.repository, { text: 'old' }).caughtUp(patience);
      await run(opened.repository, { version: 2, text: 'new', activate: 'by-hand' }).caughtUp(patience);
      await expectRows(undefined, 'old');
      await opened.repository.versions.activate(2);
      await expectRows(undefined, 'new');
    });

    it('stop where a function changes the row it was given, and write nothing of that', async () => {
      log = contractLog(1);
      log.append(...history.slice(0, 4));
      const projection = contractProjection(opened.repository);
      const change: typeof projection.project = (row, event, key) => {
        if (row === undefined) return projection.project(row, event, key);
        (row.list as number[]).push(event.position);
        return row;
      };
      const changing = runProjection(log, { ...projection, project: change }, { logger, lease: 100 });
      await expect(changing.closed).rejects.toMatchObject({ position: 5, cause: { name: 'TypeError' } });
      await expectRows(3);
    });

    it('fail where the log is replaced by one that ends before what they show', async () => {
      log.append(...history);
      const shorter = contractLog();
      shorter.append(...history.slice(0, 3));
      const replaced = Promise.withResolvers<never>();
      let current = log;
      async function* cut(selection: Parameters<ContractLog['follow']>[0]) {
        const reading = current.follow(selection)[Symbol.asyncIterator]();
        for (;;) {
          const { value, done } = await Promise.race([reading.next(), replaced.promise]);
          if (done === true) return;
          yield value;
        }
      }
      const reader = { ...log, follow: cut, position: () => current.position() };
      const projection = runProjection(reader, contractProjection(opened.repository), { logger, lease: 100 });
      running.push(projection);
      await projection.caughtUp(patience);
      current = shorter;
      replaced.reject(new Error('the stream was replaced'));
      await expect(projection.closed).rejects.toMatchObject({
        cause: { code: 'CHECKPOINT_AHEAD', checkpoint: 13, position: 3 },
      });
      await expectRows();
    }, 30_000);

    it('refuse a log that ends before their checkpoint', async () => {
      log.append(...history);
      const first = run(opened.repository);
      await first.caughtUp(patience);
      await first.stop();
      log = contractLog();
      log.append(...history.slice(0, 3));
      await expect(run(opened.repository).closed).rejects.toMatchObject({
        cause: { code: 'CHECKPOINT_AHEAD', checkpoint: 13, position: 3, version: 1 },
      });
      await expectRows();
    });
  });
}

/** As a repository sorts them: by the bytes of their keys, which are letters here. */
function inOrder(rows: ReadonlyMap<string, ContractRow>): readonly ContractRow[] {
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}
