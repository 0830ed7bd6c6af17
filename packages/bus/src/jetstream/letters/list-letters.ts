import type { AttemptError } from '../../dead-letters.ts';
import { failuresOf } from '../../delivery/history.ts';
import type { OpenStore } from '../open-store.ts';
import { askDirect, type DirectMessage } from '../operations/direct-get.ts';
import { deadSubjects, readDeadSubject } from './dead-stream.ts';
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
 * for all of them, or three where some fill their messages, which any replica answers: the newest may be missing.
 */
export async function listLetters(
  { connection, prefix, name: store }: OpenStore,
  { history, letter: fromLeader }: Pick<JetStreamLetters, 'history' | 'letter'>,
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
  const page = await read(messages);
  const found = await latest(
    page
      .filter(({ state }) => state === 'dead')
      .map((letter) => subjects.history(letter.group, letter.position)),
  );
  const letters = await Promise.all(
    page.map(async (letter): Promise<ListedLetter> => ({ letter, errors: await errorsOf(letter) })),
  );
  const last = messages.at(-1);
  return { letters, next: pending > 0 && last !== undefined ? last.sequence + 1 : undefined };

  /** Leaves out what others published there. */
  async function read(all: readonly DirectMessage[]): Promise<StoredLetter[]> {
    const factsOf = ({ subject }: DirectMessage) => {
      const { group, position } = readDeadSubject(subject);
      return subjects.facts(group, position);
    };
    const apart = all.filter((message) => readLetter(message) === undefined);
    const facts = await latest(apart.map(factsOf));
    const read = all.map(async (message) => {
      const letter = readLetter(message, facts.get(factsOf(message)));
      if (letter !== undefined) return letter;
      // Another replica may be behind the one that knew of the letter.
      const { group, position } = readDeadSubject(message.subject);
      return fromLeader(group, position);
    });
    return (await Promise.all(read)).filter((letter) => letter !== undefined);
  }

  async function latest(asked: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (asked.length === 0) return new Map();
    const { messages: answers } = await askDirect(stream, { multi_last: asked, batch: asked.length });
    return new Map(answers.map(({ subject, body }) => [subject, Buffer.from(body).toString()]));
  }

  async function errorsOf(letter: StoredLetter): Promise<readonly AttemptError[]> {
    if (letter.state !== 'dead') return [];
    const text = found.get(subjects.history(letter.group, letter.position));
    const kept = text === undefined ? undefined : decodeHistory(text);
    if (kept !== undefined && failuresOf(kept) >= letter.failures) return kept.errors;
    return (await history(letter.group, letter.position)).errors;
  }
}
