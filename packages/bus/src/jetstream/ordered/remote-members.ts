import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';
import type { Item } from '../../delivery/item.ts';
import { givenBack, handled, type Outcome } from '../../delivery/outcome.ts';
import { createSlots } from '../../delivery/slots.ts';
import type { GroupMembers, GroupProcess } from '../../ordered/group-members.ts';
import { encodeAttempt } from './attempt-message.ts';
import {
  type Announcement,
  type AttemptAnswer,
  groupSubject,
  type Presence,
  readAnswer,
  readPresence,
} from './messages.ts';

export interface RemoteMembersOptions {
  readonly connection: NatsConnection;
  readonly inboxPrefix: string | undefined;
  readonly store: string;
  readonly consumer: string;
  readonly leader: string;
  readonly term: number;
  /** Milliseconds of silence after which a member is taken for dead. */
  readonly lease: number;
  readonly members: GroupMembers;
  readonly isPinned: () => boolean;
  /** A member has come or gone. */
  readonly onChange: () => void;
  /** Told of what none of the members wrote. */
  readonly foreign: (msg: Msg) => void;
}

/** The other processes of the group, as long as this one leads. */
export interface RemoteMembers {
  /** Tells the group who leads, and drops members that have not been heard for too long. */
  announce(): void;
  /** Whether one of them asked for aggregates of this type, as a token. */
  asks(aggregateType: string): boolean;
  /** Whether one that has a handler for this type cannot be reached, and has not been silent for too long. */
  isAway(type: string): boolean;
  /** Attempts under way end as given back. @param ended nothing is under way here either */
  close(ended?: boolean): void;
}

/** The server's answer where nobody listens. */
const noResponders = 503;

interface Pending {
  readonly resolve: (outcome: Outcome) => void;
  /** How many announcements had been made when it was sent. */
  readonly after: number;
}

interface Remote extends GroupProcess {
  readonly inbox: string;
  readonly instance: string;
  readonly pending: Map<number, Pending>;
  readonly types: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
  isLeaving: boolean;
  heardAt: number;
  /** It could not be reached: it is gone, or about to come back. */
  isAway: boolean;
}

export function remoteMembers(options: RemoteMembersOptions): RemoteMembers {
  const { connection, leader, term, lease, members, isPinned, onChange, foreign } = options;
  const inbox = createInbox(options.inboxPrefix);
  const subject = groupSubject(options.store, options.consumer);
  const remotes = new Map<string, Remote>();
  const waiting = new Map<number, Remote>();
  let attempts = 0;
  let number = 0;

  const subscription = connection.subscribe(`${inbox}.*`, {
    callback(error, msg) {
      if (error !== null) return;
      const token = msg.subject.slice(inbox.length + 1);
      if (token !== 'presence') {
        answer(Number(token), msg);
        return;
      }
      const presence = readPresence(msg.data);
      if (presence === undefined) foreign(msg);
      else hear(presence);
    },
  });

  function say(end: Pick<Announcement, 'ended'>): void {
    const announcement: Announcement = { leader, inbox, term, number, unpinned: !isPinned(), ...end };
    connection.publish(subject, JSON.stringify(announcement));
  }

  function hear(presence: Presence): void {
    const known = remotes.get(presence.id);
    if (known === undefined || known.inbox !== presence.inbox) {
      if (known !== undefined) drop(known, { state: 'lost', instance: known.instance });
      if (!presence.leaving) join(presence, new Map());
      return;
    }
    if (presence.leaving) {
      known.isLeaving = true;
      dismiss(known);
    } else if (known.isAway) join(presence, known.pending);
    known.heardAt = performance.now();
    const running = new Set(presence.running);
    for (const [id, { after, resolve }] of known.pending) {
      // The announcement came after it on the same connection, and the answer to it before this: it never arrived, or its answer did not.
      if (after >= presence.number || running.has(id)) continue;
      known.pending.delete(id);
      waiting.delete(id);
      resolve(givenBack);
    }
  }

  function join(
    { id, instance, inbox: theirs, concurrency, types, asked }: Presence,
    pending: Map<number, Pending>,
  ): void {
    const handlers = new Set(types);
    const remote: Remote = {
      id,
      instance,
      inbox: theirs,
      types: handlers,
      asked: new Set(asked),
      isLeaving: false,
      slots: createSlots(concurrency),
      pending,
      isAway: false,
      heardAt: performance.now(),
      handles: (type) => handlers.has(type),
      attempt: (item, deliveryCount) => send(remote, item, deliveryCount),
    };
    remotes.set(id, remote);
    members.add(remote);
    onChange();
  }

  function send(remote: Remote, item: Item, deliveryCount: number): Promise<Outcome> {
    attempts += 1;
    const id = attempts;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    remote.pending.set(id, { resolve, after: number });
    waiting.set(id, remote);
    const { tail, headers, body } = encodeAttempt(item, deliveryCount);
    try {
      connection.publish(`${remote.inbox}.${id}.${tail}`, body, { reply: `${inbox}.${id}`, ...headers });
    } catch {
      // The connection is closed, which ends the term.
      remote.pending.delete(id);
      waiting.delete(id);
      return Promise.resolve(givenBack);
    }
    return promise;
  }

  function answer(id: number, msg: Msg): void {
    const remote = waiting.get(id);
    const pending = remote?.pending.get(id);
    if (remote === undefined || pending === undefined) return;
    const isAway = msg.headers?.code === noResponders;
    const answered = isAway ? undefined : readAnswer(msg.data);
    if (!isAway && answered === undefined) {
      // The member's own is still to come, or its silence is.
      foreign(msg);
      return;
    }
    waiting.delete(id);
    remote.pending.delete(id);
    if (answered === undefined) {
      remote.isAway = true;
      dismiss(remote);
      pending.resolve(givenBack);
    } else pending.resolve(outcomeOf(answered));
  }

  /** It gets nothing more; what it has under way it still answers. */
  function dismiss(remote: Remote): void {
    members.remove(remote);
    remote.slots.close();
    onChange();
  }

  function drop(remote: Remote, outcome: Outcome): void {
    dismiss(remote);
    remotes.delete(remote.id);
    for (const [id, { resolve }] of remote.pending) {
      waiting.delete(id);
      resolve(outcome);
    }
    remote.pending.clear();
    onChange();
  }

  return {
    asks: (type) => [...remotes.values()].some(({ asked, isLeaving }) => !isLeaving && asked.has(type)),
    isAway: (type) =>
      [...remotes.values()].some(({ isAway, isLeaving, types }) => isAway && !isLeaving && types.has(type)),
    announce() {
      const now = performance.now();
      for (const remote of remotes.values()) {
        const silence = now - remote.heardAt;
        if (silence > lease) drop(remote, { state: 'lost', instance: remote.instance });
      }
      number += 1;
      say({});
    },
    close(ended = false) {
      if (ended && !connection.isClosed()) say({ ended });
      subscription.unsubscribe();
      for (const remote of remotes.values()) drop(remote, givenBack);
    },
  };
}

function outcomeOf(answer: AttemptAnswer): Outcome {
  if (answer.state === 'handled') return handled;
  if (answer.state === 'given-back') return givenBack;
  if (answer.state === 'postponed') return answer;
  const { name, message, stack, code } = answer.error;
  const error = Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
  if (stack !== undefined) error.stack = stack;
  return { state: 'failed', error, final: answer.final };
}
