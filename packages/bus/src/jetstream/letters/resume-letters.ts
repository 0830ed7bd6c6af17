import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { type Msg, nanos } from '@nats-io/nats-core';
import pRetry from 'p-retry';
import { readReply } from '../delivered-item.ts';
import type { GroupContext } from '../group-context.ts';
import { type Pull, type PullOptions, startPull } from '../pull.ts';
import { carryOut } from './carry-out.ts';
import { deadSubjects } from './dead-stream.ts';
import { decodeResume, type ResumeRequest } from './resume-request.ts';

export interface Resuming {
  reconnected(): void;
  /** Takes no more requests, and waits for those under way. */
  stop(): Promise<void>;
}

/**
 * Answers the requests to resume letters of a group, each by one member: they lie in the stream of dead letters, where
 * the group has a consumer of its own.
 *
 * @param most how many to work on at a time
 * @param resume returns the milliseconds after which the request is to come again; nothing where it is done. What it
 * throws makes the request come again too.
 */
export function resumeLetters(
  { store, letters, consumer, lease, logger, options }: GroupContext,
  most: number,
  resume: (request: ResumeRequest) => Promise<number | undefined>,
): Resuming {
  const { stream, resumesOf } = deadSubjects(store.name);
  const { group } = options;
  const facts = { store: store.name, group };
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const listening: Omit<PullOptions, 'onLost'> = {
    stream,
    consumer,
    room: () => most - running.size,
    deliver(msg) {
      const answering = answer(msg);
      running.add(answering);
      void answering.then(() => {
        running.delete(answering);
        pull.request();
      });
    },
    onRefused(err) {
      logger.error({ ...facts, err }, `Group ${group} cannot redrive dead letters: it may not receive`);
    },
    onTrouble(err) {
      logger.warn({ ...facts, err }, `Group ${group} cannot redrive dead letters yet: ${err.message}`);
    },
  };
  let pull = listen();
  let opening = open();

  function listen(): Pull {
    return startPull(store, { ...listening, onLost });
  }

  /** The stream was made anew perhaps, or is going to be. */
  function onLost(err: unknown): void {
    if (stopping.signal.aborted) return;
    logger.error(
      { ...facts, err },
      `Group ${group} cannot redrive dead letters: its consumer is gone. It goes on trying to make it again`,
    );
    const lost = pull;
    pull = listen();
    opening = Promise.all([opening, lost.stop().catch(closedAlready)]).then(open);
  }

  async function answer(msg: Msg): Promise<void> {
    if (stopping.signal.aborted) return respond(msg, '-NAK');
    const renewal = setInterval(() => respond(msg, '+WPI'), lease / 3);
    try {
      const request = decodeResume(readReply(msg.reply ?? '').position, msg.subject, msg.string());
      await carryOut(letters, consumer, request);
      const again = await resume(request);
      if (again === undefined) await letters.done(consumer, request);
      respond(msg, again === undefined ? '+ACK' : `-NAK {"delay":${nanos(again)}}`);
    } catch (err) {
      if (!stopping.signal.aborted) {
        const reason = err instanceof Error ? err.message : String(err);
        logger.warn(
          { ...facts, err },
          `Group ${group} could not redrive a dead letter, and tries again: ${reason}`,
        );
      }
      respond(msg, `-NAK {"delay":${nanos(1_000)}}`);
    } finally {
      clearInterval(renewal);
    }
  }

  async function open(): Promise<void> {
    const add = () =>
      store.manager.consumers.add(stream, {
        durable_name: consumer,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(lease),
        deliver_policy: DeliverPolicy.All,
        filter_subject: resumesOf(consumer),
        max_deliver: -1,
      });
    let said = '';
    try {
      await pRetry(add, {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 100,
        maxTimeout: 5_000,
        signal: stopping.signal,
        onFailedAttempt({ error: err }) {
          const isOver = stopping.signal.aborted || store.connection.isClosed();
          if (isOver || err.message === said) return;
          said = err.message;
          logger.warn({ ...facts, err }, `Group ${group} cannot redrive dead letters yet: ${said}`);
        },
      });
      pull.request();
    } catch {
      // Only a stop ends it.
    }
  }

  return {
    reconnected: () => pull.restart(),
    async stop() {
      stopping.abort();
      await opening;
      await pull.stop().catch(closedAlready);
      await Promise.all(running);
    },
  };
}

function closedAlready(): void {
  // The connection is closed, and with it the request for more.
}

function respond(msg: Msg, payload: string): void {
  try {
    msg.respond(payload);
  } catch {
    // The connection is closed: the request comes again after its lease.
  }
}
