import { AckPolicy, type ConsumerConfig, DeliverPolicy } from '@nats-io/jetstream';
import { createInbox, type Msg, nanos } from '@nats-io/nats-core';
import type { JetStreamApi } from './api.ts';
import { Delivered } from './delivered.ts';
import { noAnswer } from './link.ts';

/** What may be held in memory at once, with what the reader is at work on. */
export const mostMessages = 2_048;
export const mostBytes = 8 * 1024 * 1024;
/** Milliseconds that a pull stays open, and between two signs of life of the server while it does. */
const pullExpires = 5_000;
const heartbeat = 500;

/** Where a consumer begins: at a sequence, a time, or with the last message of each subject there is. */
export type Start = number | Date | { readonly lastPerSubject: 'whole' | 'headers' };

/** An ephemeral consumer that delivers in order, and pulls only as much as is taken from it. */
export interface PullConsumer {
  /**
   * What has arrived, at most half of what may be held, so that the rest is under way meanwhile; waits for the first,
   * or until `enough` resolves. What was taken before counts as done with.
   *
   * @returns an empty batch where `enough` came first, nothing once it was stopped
   * @throws Error where the consumer or its messages are gone: another one has to go on
   */
  take(enough: Promise<unknown>): Promise<readonly Delivered[] | undefined>;
  stop(): void;
}

/**
 * The client's own `consume` bounds its messages or their bytes, not both, and pulls anew when they have arrived rather
 * than when they have been read.
 */
export async function openPullConsumer(
  { connection, manager, prefix, inboxPrefix }: JetStreamApi,
  stream: string,
  filters: readonly string[],
  start: Start,
): Promise<PullConsumer> {
  const { name } = await manager.consumers.add(stream, {
    filter_subjects: [...filters],
    ack_policy: AckPolicy.None,
    max_deliver: 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(300_000),
    ...startOf(start),
  });
  const inbox = `${createInbox(inboxPrefix)}.`;
  let waiting: Delivered[] = [];
  let waitingBytes = 0;
  let taken = 0;
  let takenBytes = 0;
  let delivered = 0;
  /** The number of the last pull, and what it may still deliver: nothing once it has ended. */
  let pull = 0;
  let open = 0;
  /** The room that was not enough for the next message. */
  let tooSmall = 0;
  let heard = Date.now();
  let ended = false;
  let failure: Error | undefined;
  let changed = Promise.withResolvers<void>();

  const subscription = connection.subscribe(`${inbox}*`, {
    callback: (error, message) => {
      heard = Date.now();
      if (error !== null) fail(error);
      else if (message.subject.startsWith(inbox)) onStatus(message);
      else onMessage(message);
    },
  });
  const watch = setInterval(() => {
    const isSilent = () => open > 0 && Date.now() - heard > 3 * heartbeat;
    // What has arrived while this process was busy is read before it is called silent.
    if (isSilent()) setImmediate(() => isSilent() && fail(noAnswer()));
  }, heartbeat);

  function onMessage(message: Msg): void {
    const next = new Delivered(message);
    delivered += 1;
    if (next.delivery !== delivered) {
      fail(new Error('a message got lost on its way'));
      return;
    }
    waiting.push(next);
    waitingBytes += next.size;
    tooSmall = 0;
    open -= 1;
    if (open === 0) pullMore();
    changed.resolve();
  }

  function onStatus(message: Msg): void {
    const { code = 0, description = '' } = message.headers ?? {};
    if (code === 100 || message.subject !== inbox + pull) return;
    const isOver = code === 404 || code === 408 || description.includes('Batch Completed');
    const isFull = description.includes('Exceeds MaxBytes');
    if (!isOver && !isFull) {
      fail(new Error(`the consumer answers ${code} ${description}`));
      return;
    }
    if (isFull) tooSmall = mostBytes - waitingBytes - takenBytes;
    open = 0;
    pullMore();
  }

  function pullMore(): void {
    const held = waiting.length + taken;
    const room = mostBytes - waitingBytes - takenBytes;
    if (ended || open > 0 || held > mostMessages * 0.75 || room < mostBytes * 0.25) return;
    // A message that is larger than all that may be held comes when nothing else is, and alone.
    const isTooSmall = room <= tooSmall;
    if (isTooSmall && held > 0) return;
    open = isTooSmall ? 1 : mostMessages - held;
    pull += 1;
    heard = Date.now();
    const limit = isTooSmall ? {} : { max_bytes: room };
    const times = { expires: nanos(pullExpires), idle_heartbeat: nanos(heartbeat) };
    try {
      const request = JSON.stringify({ batch: open, ...limit, ...times });
      connection.publish(`${prefix}.CONSUMER.MSG.NEXT.${stream}.${name}`, request, { reply: inbox + pull });
    } catch (error) {
      fail(error as Error);
    }
  }

  function fail(error: Error): void {
    failure ??= error;
    stop();
  }

  function stop(): void {
    if (ended) return;
    ended = true;
    clearInterval(watch);
    subscription.unsubscribe();
    changed.resolve();
    // Best effort: the server itself drops a consumer that nobody uses, after a while.
    manager.consumers.delete(stream, name).catch(leaveItToTheServer);
  }

  function handOut(): readonly Delivered[] {
    let count = 0;
    let bytes = 0;
    while (count < waiting.length && count < mostMessages / 2 && (count === 0 || bytes < mostBytes / 2)) {
      bytes += waiting[count]?.size ?? 0;
      count += 1;
    }
    const batch = count === waiting.length ? waiting : waiting.slice(0, count);
    waiting = count === waiting.length ? [] : waiting.slice(count);
    waitingBytes -= bytes;
    taken = count;
    takenBytes = bytes;
    return batch;
  }

  pullMore();
  return {
    async take(enough) {
      taken = 0;
      takenBytes = 0;
      pullMore();
      if (waiting.length === 0 && !ended) {
        changed = Promise.withResolvers();
        await Promise.race([changed.promise, enough]);
      }
      if (waiting.length > 0 && (failure !== undefined || !ended)) return handOut();
      if (failure !== undefined) throw failure;
      return ended ? undefined : [];
    },
    stop,
  };
}

function startOf(start: Start): Partial<ConsumerConfig> {
  if (typeof start === 'number') return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start };
  if (start instanceof Date)
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.toISOString() };
  return {
    deliver_policy: DeliverPolicy.LastPerSubject,
    ...(start.lastPerSubject === 'headers' && { headers_only: true }),
  };
}

function leaveItToTheServer(reason: unknown): unknown {
  return reason;
}
