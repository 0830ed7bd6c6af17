import pLimit from 'p-limit';
import { isRedriven } from '../../delivery/history.ts';
import type { Item } from '../../delivery/item.ts';
import type { Settler } from '../../delivery/settle.ts';
import { toError } from '../../to-error.ts';
import type { GroupContext } from '../group-context.ts';
import { resumeLetter } from '../letters/resume-letter.ts';

export interface ParkedKeysOptions {
  /** The keys that have letters, as far as the leader knows: what comes of them is parked. */
  readonly parked: Set<string>;
  readonly settling: Settler<Item>;
  readonly stopping: AbortSignal;
  /** Has it done when the key has its turn, before what waits for that: no event of the key may pass meanwhile. */
  inTurn(key: string, work: () => Promise<void>): void;
}

/** Goes on with the letters of keys when it is time to. */
export interface ParkedKeys {
  /** A leader before this one may have left it in the middle of being resumed. */
  found(key: string): void;
  /** An event of it is going to be parked: let there be a dead letter that it is parked behind. */
  expected(key: string): void;
  /**
   * Has the letters of a key handled in the order of their positions. Resolves with the milliseconds after which to ask
   * again, if that is needed.
   */
  resume(key: string): Promise<number | undefined>;
}

/** How many keys to look through at a time: a store may have thousands that wait for somebody to decide. */
const lookedAtOnce = 5;

export function parkedKeys(
  context: GroupContext,
  { parked, settling, stopping, inTurn }: ParkedKeysOptions,
): ParkedKeys {
  const { store, letters, consumer, logger, options } = context;
  const { group } = options;
  // Those whose first letter waits for somebody's decision, as far as this leader knows, or that are to be looked at.
  const sure = new Set<string>();
  const atOnce = pLimit(lookedAtOnce);

  function look(key: string): void {
    sure.add(key);
    void atOnce(async () => {
      if (stopping.aborted) return;
      try {
        if (await waitsForDecision(key)) return;
      } catch (error) {
        failed(key, error);
        return;
      }
      // Not waited for: it may take until the next try of an event, and others are to be looked at.
      resume(key).catch((error) => failed(key, error));
    });
  }

  async function waitsForDecision(key: string): Promise<boolean> {
    const [first] = await letters.positions(consumer, key);
    if (first === undefined) return false;
    const letter = await letters.letter(consumer, first);
    if (letter?.state !== 'dead') return false;
    return !isRedriven(await letters.history(consumer, first), letter.failures);
  }

  function failed(key: string, error: unknown): void {
    sure.delete(key);
    if (stopping.aborted) return;
    const err = toError(error);
    const message = `Group ${group} could not look through its dead letters: ${err.message}`;
    logger.warn({ store: store.name, group, err }, message);
  }

  function resume(key: string): Promise<number | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    inTurn(key, () => resumeInTurn(key).then(resolve, reject));
    return promise;
  }

  async function resumeInTurn(key: string): Promise<number | undefined> {
    sure.delete(key);
    // What was parked meanwhile, by a leader before this one, follows.
    for (;;) {
      const positions = await letters.positions(consumer, key);
      if (positions.length === 0) {
        parked.delete(key);
        return undefined;
      }
      for (const position of positions) {
        if (stopping.aborted) return 0;
        const letter = await letters.letter(consumer, position);
        if (letter === undefined) continue;
        const { handled, again } = await resumeLetter(context, letter, settling.resume, stopping);
        if (handled === true) continue;
        if (again === undefined) sure.add(key);
        return again;
      }
    }
  }

  return {
    found: look,
    expected(key) {
      if (!sure.has(key)) look(key);
    },
    resume,
  };
}
