import type { AttemptError } from '../../dead-letters.ts';
import { failuresOf } from '../../delivery/history.ts';
import type { OpenStore } from '../open-store.ts';
import { askDirect } from '../operations/direct-get.ts';
import { deadSubjects } from './dead-stream.ts';
import { decodeHistory } from './history-format.ts';
import type { JetStreamLetters } from './jetstream-letters.ts';
import { readLetter, type StoredLetter } from './stored-letter.ts';

export interface ListedLetter {
  readonly letter: StoredLetter;
  readonly errors: readonly AttemptError[];
}

/** Letters that are read at a time: enough to make their number not felt, and few enough to hold their histories. */
const pageSize = 250;
const mostBytes = 8 * 2 ** 20;

/**
 * A page of letters, of groups of a name or all, from a sequence of the stream on, in the order they were kept in. Two questions
 * for all of them, which any replica answers: the newest may be missing.
 */
export async function listLetters(
  { connection, prefix, name: store }: OpenStore,
  { history }: Pick<JetStreamLetters, 'history'>,
  { group = '*', from }: { readonly group?: string | undefined; readonly from: number },
): Promise<{ readonly letters: readonly ListedLetter[]; readonly next: number | undefined }> {
  const subjects = deadSubjects(store);
  const stream = { connection, prefix, name: subjects.stream };
  const { messages, pending } = await askDirect(stream, {
    next_by_subj: subjects.lettersOfName(group),
    seq: from,
    batch: pageSize,
    max_bytes: mostBytes,
  });
  const page = messages.map(readLetter);
  const found = await histories(page.filter(({ state }) => state === 'dead'));
  const letters = await Promise.all(
    page.map(async (letter): Promise<ListedLetter> => ({ letter, errors: await errorsOf(letter) })),
  );
  const last = page.at(-1);
  return { letters, next: pending > 0 && last !== undefined ? last.sequence + 1 : undefined };

  async function histories(dead: readonly StoredLetter[]): Promise<ReadonlyMap<string, Uint8Array>> {
    if (dead.length === 0) return new Map();
    const asked = dead.map((letter) => subjects.history(letter.group, letter.position));
    const { messages: answers } = await askDirect(stream, { multi_last: asked, batch: asked.length });
    return new Map(answers.map(({ subject, body }) => [subject, body]));
  }

  async function errorsOf(letter: StoredLetter): Promise<readonly AttemptError[]> {
    if (letter.state !== 'dead') return [];
    const body = found.get(subjects.history(letter.group, letter.position));
    const kept = body === undefined ? undefined : decodeHistory(Buffer.from(body).toString());
    // Another replica may be behind the one that knew of the letter.
    if (kept !== undefined && failuresOf(kept) >= letter.failures) return kept.errors;
    return (await history(letter.group, letter.position)).errors;
  }
}
