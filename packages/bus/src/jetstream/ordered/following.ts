import { createInbox, type Msg } from '@nats-io/nats-core';
import { StoppedError } from '../../bus-errors.ts';
import { errorText } from '../../delivery/attempt-error.ts';
import { type HandlerRuns, handlerRuns } from '../../delivery/handler-runs.ts';
import type { Outcome } from '../../delivery/outcome.ts';
import { createWorker, type Worker } from '../../delivery/worker.ts';
import { atEndOfTurn, sendGathered } from '../end-of-turn.ts';
import type { GroupContext } from '../group-context.ts';
import { decodeAttempt } from './attempt-message.ts';
import { foreignMessages } from './foreign-messages.ts';
import {
  type Announcement,
  type AttemptAnswer,
  groupSubject,
  handledAnswer,
  type Presence,
  readAnnouncement,
} from './messages.ts';

/** What a member does for a leader in another process: handle the events it is sent. */
export interface Following {
  readonly running: number;
  /** Whether another member is known to lead. */
  readonly hasLeader: boolean;
  /** Whether another member leads that is not pinned: it is going to end what it has under way, and says so. */
  readonly hasUnpinnedLeader: boolean;
  /** To be called several times in half a lease. */
  tick(): void;
  /** Takes nothing more. Resolves when nothing is under way. */
  stop(): Promise<void>;
  giveUp(reason: Error): void;
}

/** The time with one leader. */
interface Session {
  readonly leader: string;
  readonly term: number;
  readonly leaderInbox: string;
  readonly inbox: string;
  readonly running: Map<number, Promise<void>>;
  readonly runs: HandlerRuns;
  close(): void;
  /** Gets no more, and answers what is on its way. */
  drain(): Promise<unknown>;
  heardAt: number;
  unpinned: boolean;
}

/**
 * @param id of this member of the group
 * @param onLeader another member leads
 */
export function followLeaders(context: GroupContext, id: string, onLeader: () => void): Following {
  const { store, source, options, consumer, lease, instance, logger, asked } = context;
  const { group, handlers, concurrency, timeout, retry } = options;
  const { connection, inboxPrefix } = store;
  const types = [...handlers.keys()];
  const foreign = foreignMessages({ store: store.name, group, logger });
  let session: Session | undefined;
  let stopping = false;
  let tickedAt = performance.now();

  const subscription = connection.subscribe(groupSubject(store.name, consumer), {
    callback(error, msg) {
      if (error !== null) return;
      const announcement = readAnnouncement(msg.data);
      if (announcement === undefined) foreign(msg);
      else hear(announcement);
    },
  });

  function hear(announcement: Announcement): void {
    if (announcement.leader === id) return;
    if (announcement.ended) {
      if (session?.leaderInbox === announcement.inbox) leave('its leader leads no more');
      return;
    }
    onLeader();
    const now = performance.now();
    const isNew = session?.leader !== announcement.leader || session.leaderInbox !== announcement.inbox;
    if (isNew) {
      // The old one may be about to find out that it leads no more.
      if (session !== undefined && announcement.term <= session.term && now - session.heardAt < lease) return;
      leave('another member leads the group');
      session = begin(announcement);
    }
    if (session === undefined) return;
    session.heardAt = now;
    session.unpinned = announcement.unpinned === true;
    present(session, announcement.number);
  }

  function begin({ leader, term, inbox: leaderInbox }: Announcement): Session {
    const inbox = createInbox(inboxPrefix);
    const runs = handlerRuns({ group, timeout, when: retry.when, logger });
    const work = createWorker({ store: store.name, group, handlers, runs, logger });
    const running = new Map<number, Promise<void>>();
    const tokens = inbox.split('.').length;
    const attempts = connection.subscribe(`${inbox}.>`, {
      callback(error, msg) {
        if (error !== null) return;
        // Sent while this process could do nothing: by now somebody else may have it.
        if (performance.now() - tickedAt > lease / 2) {
          leave('it could do nothing for longer than half its lease');
          return;
        }
        const attempt = decodeAttempt(source, msg, tokens);
        if (!Number.isSafeInteger(attempt.number) || !msg.reply) {
          foreign(msg);
          return;
        }
        if (stopping) {
          respond(msg, { state: 'given-back' });
          return;
        }
        const trying = answer(msg, work, attempt);
        running.set(attempt.number, trying);
        void trying.then(() => running.delete(attempt.number));
      },
    });
    return {
      leader,
      term,
      leaderInbox,
      inbox,
      running,
      runs,
      close: () => attempts.unsubscribe(),
      // To drain takes an answer, which does not come once the connection is closed.
      drain: () => Promise.race([attempts.drain(), connection.closed()]),
      heardAt: performance.now(),
      unpinned: false,
    };
  }

  async function answer(msg: Msg, work: Worker, attempt: ReturnType<typeof decodeAttempt>): Promise<void> {
    respond(msg, answerOf(await work(attempt, attempt.deliveryCount)));
  }

  function present({ inbox, leaderInbox, running }: Session, number: number): void {
    const presence: Presence = {
      id,
      instance,
      inbox,
      concurrency,
      types,
      asked: [...asked],
      number,
      running: [...running.keys()],
      leaving: stopping,
    };
    // What is under way no more has to be answered before the leader hears of it.
    sendGathered();
    try {
      connection.publish(`${leaderInbox}.presence`, JSON.stringify(presence));
    } catch {
      // The connection is closed, which ends the subscription.
    }
  }

  /** What is under way is not waited for: its events come again. */
  function leave(reason: string): void {
    if (session === undefined) return;
    const { running, runs, close } = session;
    close();
    session = undefined;
    if (running.size === 0) return;
    logger.warn(
      { store: store.name, group, count: running.size },
      `Group ${group} gives up ${running.size} handlers here, whose events come again: ${reason}`,
    );
    runs.giveUp(new StoppedError(`The membership in group ${group}`));
  }

  return {
    get hasLeader() {
      return session !== undefined;
    },
    get hasUnpinnedLeader() {
      return session?.unpinned ?? false;
    },
    get running() {
      return session?.running.size ?? 0;
    },
    tick() {
      const now = performance.now();
      if (now - tickedAt > lease / 2) leave('it could do nothing for longer than half its lease');
      else if (session !== undefined && now - session.heardAt > lease / 2) leave('its leader is silent');
      tickedAt = now;
    },
    async stop() {
      stopping = true;
      if (session !== undefined) {
        // The leader gives its partitions to others; what is under way is still answered.
        // Another may lead by the time that this has ended.
        const { running, drain } = session;
        present(session, 0);
        // What it sent before it heard is given back; what it sends to nobody, the server answers.
        await drain();
        await Promise.all(running.values());
      }
      subscription.unsubscribe();
      session?.close();
    },
    giveUp: (reason) => session?.runs.giveUp(reason),
  };
}

function answerOf(outcome: Outcome): AttemptAnswer {
  if (outcome.state === 'handled' || outcome.state === 'postponed') return outcome;
  if (outcome.state !== 'failed') return { state: 'given-back' };
  // Cut, because an answer that is too large is never sent, and the event would come again without an end.
  return { state: 'failed', final: outcome.final, error: errorText(outcome.error) };
}

function respond(msg: Msg, answer: AttemptAnswer): void {
  atEndOfTurn(() => {
    try {
      msg.respond(answer.state === 'handled' ? handledAnswer : JSON.stringify(answer));
    } catch {
      // The connection is closed: the event comes again.
    }
  });
}
