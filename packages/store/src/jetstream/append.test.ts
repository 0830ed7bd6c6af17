import { setImmediate } from 'node:timers/promises';
import { json, type StoredMessage, subjectLayouts } from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import { expect, it } from 'vitest';
import { memoryLog } from '../memory/memory-log.ts';
import { AppendInDoubtError, ReadFailedError } from '../store-errors.ts';
import { append } from './append.ts';
import type { AppendContext } from './append-context.ts';
import { prepare } from './outgoing.ts';

const aggregate = { type: 'account', id: 'a' };
const drafts = ['one', 'two'].map((id) => ({
  id,
  type: 'deposited',
  time: new Date(),
  metadata: {},
  payload: { contentType: json.contentType, schemaVersion: 1, bytes: json.encode({ cents: 1 }) },
}));

/** A connection on which nothing is answered but a look for the event behind a guard: it is the append's first one. */
async function storedButUnreadable(): Promise<AppendContext> {
  const log = memoryLog('bank');
  await log.append({ parts: [{ aggregate, expected: 'none', drafts }], mayRepeat: false, timeout: 1_000 });
  const [[first]] = (await Array.fromAsync(log.readAggregate(aggregate))) as [[StoredMessage]];
  const lost = async () => Promise.reject(new Error('the connection was lost'));
  const context = {
    api: { connection: { isClosed: () => false } },
    link: { up: true, whileUp: (looking: Promise<unknown>) => looking },
    identity: { sure: true, generation: 0, highest: 0, checkLately: async () => {}, saw: () => {} },
    requests: { ask: lost, publish: () => {} },
    store: 'bank',
    layout: subjectLayouts.aggregate,
    lookup: { firstAfter: async () => first, tail: async () => ({ revision: 2, sequence: 2 }) },
    tails: new LRUCache({ max: 10 }),
    async *readAggregate() {
      await setImmediate();
      yield* [];
      throw new ReadFailedError('bank', 'read it', undefined);
    },
  };
  return context as unknown as AppendContext;
}

it('an append whose events were found, but not all could be read in time, is in doubt', async () => {
  const parts = [{ aggregate, expected: 'none' as const, drafts }];
  const request = prepare('bank', subjectLayouts.aggregate, { parts, mayRepeat: false, timeout: 200 });
  await expect(append(await storedButUnreadable(), request)).rejects.toThrow(AppendInDoubtError);
});
