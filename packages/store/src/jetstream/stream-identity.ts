import { setTimeout as delay } from 'node:timers/promises';
import type { StreamInfo } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { isStreamNotFound } from './stream-not-found.ts';
import { type Asking, untilAnswered } from './until-answered.ts';

/** How often a stream that seems to have lost its end is asked again, and after how many milliseconds. */
const secondLooks = 5;
const secondLookAfter = 200;
/** Milliseconds for which a look at the stream is good enough for refusals. */
const goodFor = 1_000;
/** What the server tells of a stream (io.nats.jetstream.advisory.v1.stream_action) that makes it worth a look. */
const changes = new Set(['CREATED', 'DELETED', 'RESTORE_COMPLETE']);

/**
 * Whether the stream is still the one whose positions this store remembers. A stream that was deleted and made anew,
 * restored from a backup, or whose server lost what it had not synced has other events at the same sequences, and a
 * guard could hold by accident.
 *
 * The server's advisories and the loss of the connection say when to look; where an account gets no advisories, refusals
 * and the sequences of answers do. An append that is under way while the stream is replaced cannot be helped.
 */
export interface StreamIdentity {
  /** Whether nothing speaks against it since it was looked at. */
  readonly sure: boolean;
  /** Counts the streams that were met under this name. */
  readonly generation: number;
  /** The highest sequence known to have been in the stream. */
  readonly highest: number;
  saw(sequence: number): void;
  /**
   * Looks at the stream.
   *
   * @throws ReadFailedError, ConnectionError
   */
  check(): Promise<void>;
  /** Looks, unless that was done a moment ago. */
  checkLately(): Promise<void>;
  /** What was remembered is of another stream. */
  replaced(): void;
  onReplaced(listener: () => void): () => void;
  close(): void;
}

export function watchIdentity(asking: Asking): StreamIdentity {
  const { api, link, stream } = asking;
  const listeners = new Set<() => void>();
  let created: string | undefined;
  let generation = 0;
  let highest = 0;
  let closed = false;
  /** Counts the reasons to look; all up to `settled` have been looked into. */
  let doubts = 0;
  let settled = 0;
  let lookedAt = 0;
  let running: { readonly answers: number; readonly look: Promise<void> } | undefined;

  const advisories = api.connection.subscribe(`$JS.EVENT.ADVISORY.STREAM.*.${stream}`, {
    callback(error: Error | null, message: Msg) {
      // Who may not subscribe goes without: the other signs remain.
      if (error === null && changes.has(message.subject.split('.')[4] ?? '')) doubt();
    },
  });
  const unwatch = link.onLost(() => {
    doubts += 1;
    void link.restored(Date.now() + 2 ** 31 - 1).then(() => link.up && doubt());
  });

  function doubt(): void {
    doubts += 1;
    // Who needs the answer asks again.
    if (!closed) check().catch((error: unknown) => error);
  }

  function forget(): void {
    generation += 1;
    created = undefined;
    highest = 0;
    for (const listener of listeners) listener();
  }

  function check(): Promise<void> {
    // A look that began before the last reason to look says nothing of it.
    if (running?.answers === doubts) return running.look;
    const mine = { answers: doubts, look: lookAfter(running?.look) };
    running = mine;
    const done = () => {
      if (running === mine) running = undefined;
    };
    mine.look.then(done, done);
    return mine.look;
  }

  async function lookAfter(before: Promise<void> | undefined): Promise<void> {
    await before?.catch((error: unknown) => error);
    const answers = doubts;
    const floor = highest;
    const info = await infoOf(floor);
    if (created !== undefined && (info.created !== created || info.state.last_seq < floor)) forget();
    ({ created } = info);
    settled = Math.max(settled, answers);
    lookedAt = Date.now();
  }

  async function infoOf(floor: number): Promise<StreamInfo> {
    try {
      for (let looks = 0; ; looks += 1) {
        const info = await untilAnswered(asking, 'look at its stream', (timeout) =>
          link.whileUp(api.manager.streams.info(stream), Date.now() + timeout),
        );
        // A leader that has just been elected may not have caught up with itself.
        if (info.state.last_seq >= floor || looks >= secondLooks) return info;
        await delay(secondLookAfter);
      }
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      if (isStreamNotFound(cause) && created !== undefined) forget();
      throw error;
    }
  }

  return {
    get sure() {
      return settled === doubts;
    },
    get generation() {
      return generation;
    },
    get highest() {
      return highest;
    },
    saw(sequence) {
      if (sequence > highest) highest = sequence;
    },
    check,
    async checkLately() {
      if (settled !== doubts || Date.now() - lookedAt >= goodFor) await check();
    },
    replaced() {
      forget();
      doubt();
    },
    onReplaced(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      unwatch();
      advisories.unsubscribe();
    },
  };
}
