import { createHash } from 'node:crypto';
import { JetStreamApiError, jetstream, type StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { encodeToken, InvalidSubjectTokenError } from '@pipit/types-registry';
import type { InboxKey } from '../../inbox.ts';
import { InboxUnavailableError } from '../../inbox-errors.ts';
import type { OpenStore } from '../open-store.ts';

/** What the bucket says of an event. `revision` is what the next write has to name; 0 where there is nothing. */
export type InboxEntry =
  | { readonly state: 'free'; readonly revision: number }
  | { readonly state: 'done'; readonly revision: number; readonly by: string }
  | ({ readonly state: 'begun'; readonly revision: number } & Begun);

export interface Begun {
  /** The instance that is at it. */
  readonly by: string;
  /** Milliseconds that this instance's sign of life lasts. */
  readonly lease: number;
  readonly at: Date;
}

/** Entries of a bucket, by key. Everything but signs of life is written under a guard, so that one of many wins. */
export interface InboxEntries {
  /** Answered by the leader of the bucket, so never old. */
  read(key: string): Promise<InboxEntry>;
  /** @returns the new revision; `undefined` where the entry is not at the expected one any more. */
  begin(key: string, begun: Begun, expected: number): Promise<number | undefined>;
  finish(key: string, state: 'done' | 'free', by: string, expected: number): Promise<number | undefined>;
  isAlive(instance: string): Promise<boolean>;
  live(instance: string, lease: number): Promise<void>;
}

/** Milliseconds until the bucket has to answer. */
const silence = 2_500;
/** Milliseconds that the mark of an entry that was taken away is kept, for who has read it before. */
const markerTtl = 60_000;
const conflicts = [10071, 10164];

/**
 * `<group>.<event id>`. An id that no token can be is written as its hash, after a mark that no encoded token begins with.
 *
 * @throws InvalidSubjectTokenError for a group that no subscription can have
 */
export function entryKey({ group, eventId }: InboxKey): string {
  return `${encodeToken('group', group)}.${eventToken(eventId)}`;
}

function eventToken(eventId: string): string {
  try {
    return encodeToken('event id', eventId);
  } catch (error) {
    if (!(error instanceof InvalidSubjectTokenError)) throw error;
    return `=sha256-${createHash('sha256').update(eventId, 'utf16le').digest('hex')}`;
  }
}

/** @param ttl milliseconds that entries last */
export function inboxEntries(store: OpenStore, bucket: string, ttl: number): InboxEntries {
  const { manager, connection, prefix } = store;
  const client = jetstream(connection, { apiPrefix: prefix });
  const stream = `KV_${bucket}`;
  const subject = (key: string) => `$KV.${bucket}.${key}`;
  // As the client's KV does where JetStream is in another domain or account.
  const target = prefix === '$JS.API' ? '' : `${prefix}.`;

  async function attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new InboxUnavailableError(bucket, doing, error);
    }
  }

  async function last(key: string): Promise<StoredMsg | undefined> {
    const found = await manager.streams.getMessage(stream, { last_by_subj: subject(key) });
    if (found === null || found.header.get('KV-Operation') !== '') return undefined;
    return found;
  }

  async function write(key: string, body: string, time: number, guard?: number, operation?: string) {
    const marked = headers();
    if (operation !== undefined) marked.set('KV-Operation', operation);
    const { seq } = await client.publish(`${target}${subject(key)}`, body, {
      headers: marked,
      ttl: `${Math.ceil(time / 1_000)}s`,
      timeout: silence,
      ...(guard !== undefined && { expect: { lastSubjectSequence: guard } }),
    });
    return seq;
  }

  async function guarded(doing: string, work: () => Promise<number>): Promise<number | undefined> {
    return attempt(doing, async () => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof JetStreamApiError && conflicts.includes(error.code)) return undefined;
        throw error;
      }
    });
  }

  return {
    read: (key) =>
      attempt('be read', async () => {
        const found = await manager.streams.getMessage(stream, { last_by_subj: subject(key) });
        if (found === null) return { state: 'free', revision: 0 };
        if (found.header.get('KV-Operation') !== '') return { state: 'free', revision: found.seq };
        return { ...parse(key, found.string()), revision: found.seq };
      }),
    begin: (key, { by, lease, at }, expected) => {
      const body = JSON.stringify({ state: 'begun', by, lease, at: at.toISOString() });
      return guarded('be written', () => write(key, body, ttl, expected));
    },
    finish: (key, state, by, expected) =>
      guarded('be written', () =>
        state === 'done'
          ? write(key, JSON.stringify({ state, by }), ttl, expected)
          : write(key, '', markerTtl, expected, 'DEL'),
      ),
    isAlive: (instance) => attempt('be read', async () => (await last(lifeKey(instance))) !== undefined),
    live: (instance, lease) =>
      attempt('be written', async () => {
        await write(lifeKey(instance), '', lease);
      }),
  };
}

/** Begins with what no group's token begins with. */
function lifeKey(instance: string): string {
  return `=alive.${encodeToken('instance', instance)}`;
}

type Parsed = { readonly state: 'done'; readonly by: string } | ({ readonly state: 'begun' } & Begun);

function parse(key: string, text: string): Parsed {
  const { state, by, lease, at } = JSON.parse(text) as Record<string, unknown>;
  if (state === 'done' && typeof by === 'string') return { state, by };
  const begunAt = new Date(String(at));
  const isBegun = state === 'begun' && typeof by === 'string' && typeof lease === 'number';
  if (isBegun && !Number.isNaN(begunAt.getTime())) return { state, by, lease, at: begunAt };
  throw new Error(`entry ${key} is not one of an inbox: ${text.slice(0, 200)}`);
}
