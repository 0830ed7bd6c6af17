import type { Item } from '../../delivery/item.ts';
import type { Settler } from '../../delivery/settle.ts';
import type { GroupContext } from '../group-context.ts';
import { resumeLetter } from '../letters/resume-letter.ts';

export interface ResumeInOrderOptions {
  readonly key: string;
  readonly settling: Settler<Item>;
  readonly stopping: AbortSignal;
}

/** `waits`: for somebody who decides about the first letter; milliseconds: for its next try. */
export type ResumedKey = 'free' | 'waits' | number;

/**
 * Has the letters of a key handled in the order of their positions. It has to have the key's turn: no event of the key
 * may pass meanwhile.
 */
export async function resumeInOrder(
  context: GroupContext,
  { key, settling, stopping }: ResumeInOrderOptions,
): Promise<ResumedKey> {
  const { letters, consumer } = context;
  // What was parked meanwhile, by a leader before this one, follows.
  for (;;) {
    const positions = await letters.positions(consumer, key);
    if (positions.length === 0) return 'free';
    for (const position of positions) {
      if (stopping.aborted) return 0;
      const letter = await letters.letter(consumer, position);
      if (letter === undefined) continue;
      const { handled, again } = await resumeLetter(context, letter, settling.resume, stopping);
      if (handled !== true) return again ?? 'waits';
    }
  }
}
