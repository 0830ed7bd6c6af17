import type { Item } from '../../delivery/item.ts';
import type { Lanes } from '../../delivery/lanes.ts';
import { noHistory } from '../../delivery/letter-box.ts';
import type { Settler } from '../../delivery/settle.ts';
import type { GroupContext } from '../group-context.ts';
import { resumeLetter } from '../letters/resume-letter.ts';
import { type ResumeRequest, resumeLetters } from '../letters/resume-letters.ts';

export interface LetterResumer {
  stop(): Promise<void>;
  reconnected(): void;
}

export interface ResumeInOrderOptions {
  readonly lanes: Lanes<() => Promise<void> | undefined>;
  readonly parked: Set<string>;
  readonly settling: Settler<Item>;
  readonly stopping: AbortSignal;
}

/** How many keys to resume at a time. */
const most = 16;

/**
 * Has the letters of a key handled in the order of their positions, from the dead one on, before any later event of the
 * key: they take a turn in its lane.
 */
export function resumeInOrder(
  context: GroupContext,
  { lanes, parked, settling, stopping }: ResumeInOrderOptions,
): LetterResumer {
  const { letters, consumer } = context;
  return resumeLetters(context, most, async (request) => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    // Before all events of the key that wait.
    lanes.put(request.key, 0, () => resumeKey(request).then(resolve, reject));
    return promise;
  });

  async function resumeKey({ key }: ResumeRequest): Promise<number | undefined> {
    for (const position of await letters.positions(consumer, key)) {
      if (stopping.aborted) return 0;
      const letter = await letters.letter(consumer, position);
      if (letter === undefined) continue;
      const { errors, forgiven = 0 } =
        letter.state === 'dead' ? await letters.history(consumer, position) : noHistory;
      // Nobody has asked for this one.
      if (errors.length > forgiven) return undefined;
      const { handled, again } = await resumeLetter(context, letter, settling.resume, stopping);
      if (handled !== true) return again;
    }
    parked.delete(key);
    return undefined;
  }
}
