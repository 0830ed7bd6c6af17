import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import { rememberedFor, requireMilliseconds } from '../../inbox/remembered-for.ts';
import { settled } from '../../inbox/settled.ts';
import type { Inbox } from '../../inbox.ts';
import { InboxBusyError, InboxUnavailableError } from '../../inbox-errors.ts';
import { longestDelay } from '../../longest-delay.ts';
import { type JetStreamPrefix, openStore } from '../open-store.ts';
import { claimEffect, untilNobodyIsAtIt } from './claim-effect.ts';
import { ensureInboxBucket, type InboxBucketSettings } from './ensure-inbox-bucket.ts';
import { entryKey, inboxEntries } from './inbox-entries.ts';
import { outcomes } from './outcomes.ts';
import { signsOfLife } from './sign-of-life.ts';

export interface KvInboxOptions extends JetStreamPrefix {
  /** Yours: the inbox neither opens nor closes it. */
  readonly connection: NatsConnection;
  /** The store whose events are guarded. It has to exist. */
  readonly store: string;
  /**
   * Milliseconds that an event is remembered; at least 1,000. Longer than an event can take to come again, retries and
   * redriven dead letters included: one that comes later is handled again. Default: 7 days.
   */
  readonly ttl?: number;
  /**
   * Milliseconds without a sign of life after which another process takes this one for dead and its effects for in doubt;
   * from 1,000 to 600,000. A sign is given every third of it. Default: 10,000.
   */
  readonly lease?: number;
  /** Milliseconds to wait for another process that is at the effect, before InboxBusyError. Default: 10,000. */
  readonly wait?: number;
  /** Settings of the bucket, where it has to be created. */
  readonly bucket?: InboxBucketSettings;
  /** Default: process warnings. */
  readonly logger?: Logger;
  /** The name of this process among others, never used twice. Default: a random UUID. */
  readonly instance?: string;
  /** Milliseconds since 1970, for people to read. Default: `Date.now`. */
  readonly clock?: () => number;
}

/**
 * An inbox in the NATS key-value bucket `<store>_inbox`, which is created where it is missing. An event costs two writes:
 * `begun` before the effect, written under a guard so that one of many wins, and `done` after it.
 *
 * A process that is cut off from the server for longer than one and a half leases counts as dead, though its effect may
 * still be under way. Where `done` cannot be written, this process remembers it and writes it later; should it die
 * before that, the effect is in doubt.
 *
 * @throws StoreNotFoundError, StreamMismatchError, UnsupportedServerError, ConnectionError, InvalidInboxError
 */
export async function kvInbox(options: KvInboxOptions): Promise<Inbox> {
  const { connection, instance = randomUUID(), clock = Date.now } = options;
  const ttl = rememberedFor(options.ttl);
  const lease = requireMilliseconds('lease', options.lease ?? 10_000, 1_000, 600_000);
  const wait = requireMilliseconds('wait', options.wait ?? 10_000, 0, longestDelay);
  const logger = guardLogger(options.logger ?? processWarnings);
  const store = await openStore(connection, options.store, options);
  const bucket = await ensureInboxBucket(store, options.bucket ?? {}, ttl);
  const entries = inboxEntries(store, bucket, ttl);
  const life = signsOfLife(entries, instance, lease);
  const unwritten = outcomes(entries, { bucket, instance, logger });
  // What this process is at, by key: the next delivery of the same event waits here, not on the server.
  const running = new Map<string, Promise<unknown>>();
  let heartbeat: NodeJS.Timeout | undefined;

  function beat(): void {
    if ((running.size === 0 && unwritten.isEmpty()) || connection.isClosed()) {
      clearInterval(heartbeat);
      heartbeat = undefined;
      return;
    }
    // Not at once means later: a sign or an outcome that cannot be written is written at one of the next beats.
    life.renew().catch(() => {});
    for (const key of unwritten.keys()) {
      if (!running.has(key)) void alone(key, () => unwritten.write(key)).catch(() => {});
    }
  }

  async function alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = work();
    running.set(key, result);
    heartbeat ??= setInterval(beat, lease / 3).unref();
    try {
      return await result;
    } finally {
      running.delete(key);
    }
  }

  return {
    async once(event, effect, { onDoubt, signal }) {
      const key = entryKey(event);
      const deadline = performance.now() + wait;
      for (let other = running.get(key); other !== undefined; other = running.get(key)) {
        if (!(await settled(other, deadline, signal))) throw new InboxBusyError(event);
      }
      signal?.throwIfAborted();
      return alone(key, async () => {
        // Known here, whether or not it can be written by now.
        if ((await unwritten.write(key)) === 'done') return 'repeated';
        await life.ensure();
        const begun = { by: instance, lease, at: new Date(clock()) };
        const claim = await claimEffect({
          entries,
          life,
          key,
          event,
          begun,
          onDoubt,
          deadline,
          signal,
        }).catch((error: unknown) => {
          if (error instanceof InboxUnavailableError) unwritten.takeBack(key);
          throw error;
        });
        if (claim.outcome !== undefined) return claim.outcome;
        try {
          await effect();
        } catch (error) {
          await unwritten.settle(key, 'free', claim.revision);
          throw error;
        }
        await unwritten.settle(key, 'done', claim.revision);
        return 'done';
      });
    },

    async forget(event) {
      const key = entryKey(event);
      if (running.has(key)) throw new InboxBusyError(event);
      return alone(key, async () => {
        const deadline = performance.now() + wait;
        const known = await unwritten.write(key);
        for (;;) {
          const entry = await untilNobodyIsAtIt({ entries, life, key, event, deadline, signal: undefined });
          if (entry.state === 'free') return known === 'done';
          if ((await entries.finish(key, 'free', instance, entry.revision)) === undefined) continue;
          unwritten.forget(key);
          return true;
        }
      });
    },
  };
}
