import { JetStreamApiError, jetstream, type MsgRequest, type StoredMsg } from '@nats-io/jetstream';
import { headers, InvalidArgumentError } from '@nats-io/nats-core';
import pRetry from 'p-retry';
import { type History, noHistory } from '../../delivery/history.ts';
import type { Item } from '../../delivery/item.ts';
import type { Burial, LetterBox } from '../../delivery/letter-box.ts';
import { findCause } from '../find-cause.ts';
import { isFromLeader } from '../is-from-leader.ts';
import { isMissingMessage, type OpenStore } from '../open-store.ts';
import { deadSubjects, readDeadSubject } from './dead-stream.ts';
import { decodeHistory, encodeHistory } from './history-format.ts';
import type { Decision, ResumeRequest } from './resume-request.ts';
import { letterHeader, readLetter, type StoredLetter, sayLetter } from './stored-letter.ts';

/** The letters of a store on `<store>_dead`. Reads ask the stream's leader, so that none is behind. */
export interface JetStreamLetters {
  boxOf(group: string): LetterBox;
  history(group: string, position: number): Promise<History>;
  record(group: string, position: number, history: History): Promise<void>;
  letter(group: string, position: number): Promise<StoredLetter | undefined>;
  /** With all that is known of it; but not what has become a dead letter again since it was read. */
  remove(letter: StoredLetter): Promise<void>;
  /** What is left of a letter that somebody began to remove; nothing where there is a letter. */
  removeRest(group: string, position: number): Promise<void>;
  /** The keys that have letters, from the index of subjects. */
  keysWithLetters(group: string): Promise<string[]>;
  /** Of the letters of a key, in order, from the same index. */
  positions(group: string, key: string): Promise<number[]>;
  /** When it resolves, the group carries the decision out, and goes on with the letter's key, as soon as it runs. */
  decide(letter: StoredLetter, what: Decision['what']): Promise<void>;
  /** The request has been carried out, whatever was decided since. */
  done(group: string, request: ResumeRequest): Promise<void>;
}

/** Seconds that the history of an event that is still tried is kept; events do not come again for longer. */
const historyTtl = 14 * 24 * 3_600;
/** Milliseconds for the stream to answer. */
const timeout = 5_000;
const wrongLastSequence = 10071;
const messageTooLarge = 10054;

export function jetStreamLetters(store: OpenStore): JetStreamLetters {
  const { manager } = store;
  const subjects = deadSubjects(store.name);
  const { stream } = subjects;
  const js = jetstream(store.connection, manager.getOptions());

  async function next(subject: string, from: number): Promise<StoredMsg | undefined> {
    try {
      // The server's `MSG.GET` takes what its direct get does; the client's type leaves it out.
      const query = { seq: from, next_by_subj: subject } as unknown as MsgRequest;
      return (await manager.streams.getMessage(stream, query)) ?? undefined;
    } catch (error) {
      if (isMissingMessage(error)) return undefined;
      throw error;
    }
  }

  async function history(group: string, position: number): Promise<History> {
    const found = await next(subjects.history(group, position), 1);
    return found === undefined ? noHistory : decodeHistory(found.string());
  }

  /** @param ttl seconds; kept for good without it */
  async function writeHistory(group: string, position: number, kept: History, ttl?: number): Promise<void> {
    const fields = headers();
    if (ttl !== undefined) fields.set('Nats-TTL', `${ttl}s`);
    await js.publish(subjects.history(group, position), encodeHistory(kept), { headers: fields, timeout });
  }

  async function subjectsOf(filter: string): Promise<string[]> {
    const ask = async () => {
      const { cluster, state } = await manager.streams.info(stream, { subjects_filter: filter });
      if (!isFromLeader(cluster)) throw new LeaderAbsentError(stream);
      return Object.keys(state.subjects ?? {});
    };
    return await pRetry(ask, {
      retries: 50,
      factor: 1,
      minTimeout: timeout / 50,
      shouldRetry: ({ error }) => error instanceof LeaderAbsentError,
    });
  }

  function boxOf(group: string): LetterBox {
    return {
      history: (position) => history(group, position),
      record: ({ position, isLetter }, kept) =>
        writeHistory(group, position, kept, isLetter ? undefined : historyTtl),
      async bury(item, burial) {
        if (burial.again && (await next(subjects.letter(group, item.key, item.position), 1)) !== undefined)
          return;
        // First, so that a letter never stands without what happened to it.
        if (burial.state === 'dead') await writeHistory(group, item.position, burial.history);
        await write(group, item, burial);
      },
    };
  }

  async function write(group: string, item: Item, burial: Burial): Promise<void> {
    const { key, position, storedAt } = item;
    const { headers: kept, body } = item.original();
    const subject = subjects.letter(group, key, position);
    const fields = headers();
    for (const [name, value] of kept) fields.set(name, value);
    const said = sayLetter(burial, storedAt);
    fields.set(letterHeader, said);
    // The acknowledgement of a dead letter may have been lost, which must not make it a parked one.
    const guard = burial.state === 'parked' && { expect: { lastSubjectSequence: 0 } };
    try {
      await js.publish(subject, body, { headers: fields, timeout, ...guard });
    } catch (error) {
      if (isTooLarge(error)) await writeApart();
      else if (!(error instanceof JetStreamApiError && error.code === wrongLastSequence)) throw error;
    }

    /** Nothing but the event, which fits because it has been stored. What guards it would need room as well. */
    async function writeApart(): Promise<void> {
      if (guard !== false && (await next(subject, 1)) !== undefined) return;
      await js.publish(subjects.facts(group, position), said, { timeout });
      const plain = headers();
      for (const [name, value] of kept) plain.set(name, value);
      await js.publish(subject, body, { headers: plain, timeout });
    }
  }

  /** What lies there up to a sequence of the stream. */
  async function purge(filter: string, sequence: number): Promise<void> {
    await manager.streams.purge(stream, { filter, seq: sequence + 1 });
  }

  async function removeRest(group: string, position: number): Promise<void> {
    const beside = subjects.besideLetter(group, position);
    let last = 0;
    // A history and facts, at most; what is written later belongs to a letter that is to come.
    for (let found = await next(beside, 1); found !== undefined; found = await next(beside, last + 1))
      last = found.seq;
    if (last === 0 || (await next(subjects.letterAt(group, position), 1)) !== undefined) return;
    await purge(beside, last);
  }

  async function findLetter(group: string, position: number): Promise<StoredLetter | undefined> {
    const found = await next(subjects.letterAt(group, position), 1);
    if (found === undefined) return undefined;
    const { subject, seq: sequence, header, data: body } = found;
    const message = { subject, sequence, headers: header, body };
    return (
      readLetter(message) ?? readLetter(message, (await next(subjects.facts(group, position), 1))?.string())
    );
  }

  return {
    boxOf,
    history,
    record: (group, position, kept) => writeHistory(group, position, kept),
    letter: findLetter,
    async remove({ group, key, position, sequence }) {
      await purge(subjects.letter(group, key, position), sequence);
      await removeRest(group, position);
    },
    removeRest,
    async keysWithLetters(group) {
      const found = await subjectsOf(subjects.lettersOf(group));
      return [...new Set(found.map((subject) => readDeadSubject(subject).key))];
    },
    async positions(group, key) {
      const found = await subjectsOf(subjects.lettersOf(group, key));
      return found.map((subject) => readDeadSubject(subject).position).sort((a, b) => a - b);
    },
    async decide({ group, key, position, sequence }, what) {
      const decision: Decision = { what, letter: sequence };
      await js.publish(subjects.resume(group, key, position), JSON.stringify(decision), { timeout });
    },
    done: (group, { key, position, sequence }) => purge(subjects.resume(group, key, position), sequence),
  };
}

/** Only replicas have answered, which may be behind. */
class LeaderAbsentError extends Error {
  constructor(stream: string) {
    super(`Stream ${stream} has no leader that answers.`);
  }
}

/** The client knows the server's `max_payload`, and the server the stream's `max_msg_size`. */
function isTooLarge(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === messageTooLarge;
  return findCause(InvalidArgumentError, error)?.message.includes('max_payload') ?? false;
}
