import { forgive, isRedriven } from '../../delivery/history.ts';
import type { JetStreamLetters } from './jetstream-letters.ts';
import type { ResumeRequest } from './resume-request.ts';

/** What was decided about a letter, any number of times with the same outcome. */
export async function carryOut(
  letters: Pick<JetStreamLetters, 'letter' | 'remove' | 'removeRest' | 'history' | 'record'>,
  group: string,
  { position, decision }: ResumeRequest,
): Promise<void> {
  if (decision === undefined) return;
  const letter = await letters.letter(group, position);
  if (letter === undefined) return letters.removeRest(group, position);
  if (letter.sequence !== decision.letter) return;
  if (decision.what === 'discard') await letters.remove(letter);
  else {
    const history = await letters.history(group, position);
    // One that is under way already gets no more attempts.
    if (isRedriven(history, letter.failures)) return;
    await letters.record(group, position, forgive(history, letter.failures));
  }
}
