import type { OwnedShard, Repository, VersionRows } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';

/**
 * - `die-before`, `die-after`: the process ends before the call reaches the repository, or before its answer arrives.
 *   Nothing that the process asks for afterwards happens.
 * - `refuse`: the call does not reach it, and fails.
 * - `lose`: its answer is lost.
 * - `hold`: the call reaches it, and its answer arrives, only when `resume` is called.
 */
export type Fault = 'die-before' | 'die-after' | 'refuse' | 'lose' | 'hold';

export interface UnreliableRepository<Row> extends Repository<Row> {
  readonly calls: readonly string[];
  readonly isDead: boolean;
  /** Lets through what is held. */
  resume(): void;
}

/**
 * @param faultOf asked before each call of who builds rows: its name, and how many of this name there were before it
 * @param atHand whether rows that are at hand may be taken for that
 */
export function unreliableRepository<Row>(
  repository: Repository<Row>,
  faultOf: (call: string, before: number) => Fault | undefined,
  atHand = true,
): UnreliableRepository<Row> {
  const calls: string[] = [];
  const counts = new Map<string, number>();
  const held = Promise.withResolvers<void>();
  let isDead = false;

  async function call<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    if (isDead) throw new Error('the process is dead');
    const before = counts.get(name) ?? 0;
    const fault = faultOf(name, before);
    counts.set(name, before + 1);
    calls.push(name);
    const failed = () => new RepositoryError(repository.name, 'unreachable', new Error(`${name} ${fault}`));
    const die = () => {
      isDead = true;
      return new Error('the process dies');
    };
    if (fault === 'die-before') throw die();
    if (fault === 'refuse') throw failed();
    if (fault === 'hold') await held.promise;
    const result = await work();
    if (fault === 'die-after') throw die();
    if (fault === 'lose') throw failed();
    return result;
  }

  function ownedBy(owned: OwnedShard<Row>): OwnedShard<Row> {
    return {
      checkpoint: owned.checkpoint,
      isAtHand: atHand && owned.isAtHand === true,
      load: (keys) => call('load', () => owned.load(keys)),
      write: (changes, checkpoint) => call('write', () => owned.write(changes, checkpoint)),
      renew: (lease) => call('renew', () => owned.renew(lease)),
      release: () => call('release', () => owned.release()),
    };
  }

  function rowsOf(rows: VersionRows<Row>): VersionRows<Row> {
    return {
      async claim(shard, owner, lease) {
        const owned = await call('claim', () => rows.claim(shard, owner, lease));
        return owned && ownedBy(owned);
      },
      checkpoint: (shard) => call('checkpoint', () => rows.checkpoint(shard)),
      attend: (owner, lease) => call('attend', () => rows.attend(owner, lease)),
    };
  }

  const { versions } = repository;
  return {
    ...repository,
    versions: {
      list: () => call('list', () => versions.list()),
      open: async (version, options) => rowsOf(await call('open', () => versions.open(version, options))),
      activate: (version, options) => call('activate', () => versions.activate(version, options)),
      drop: (version) => call('drop', () => versions.drop(version)),
    },
    calls,
    get isDead() {
      return isDead;
    },
    resume: held.resolve,
  };
}
