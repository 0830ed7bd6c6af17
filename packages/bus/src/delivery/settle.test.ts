import { describe, expect, it } from 'vitest';
import { logTo } from '../testing/log-to.ts';
import { type History, noHistory, withError } from './history.ts';
import type { Item } from './item.ts';
import type { Burial } from './letter-box.ts';
import { handled } from './outcome.ts';
import { settler } from './settle.ts';

const failed = withError(withError(noHistory, failure('one')), failure('two'));

function failure(message: string) {
  return { at: new Date(0), name: 'Error', message, instance: 'gone' };
}

/** An event that comes again, in a group of two attempts whose handler would not fail any more. */
function comingAgain(history: History) {
  const happened: string[] = [];
  const burials: Burial[] = [];
  const end = (how: string) => () => void happened.push(how);
  const item: Item = {
    ...{ position: 1, key: 'post.p1', deliveryCount: 2, storedAt: new Date(0) },
    aggregate: { type: 'post', id: 'p1' },
    type: () => 'post-published',
    event: () => {
      throw new Error('is not read here');
    },
    original: () => ({ headers: new Map(), body: new Uint8Array() }),
    ...{ ack: end('ack'), buried: end('buried'), giveBack: end('given back') },
  };
  const settling = settler<Item>({
    ...{ store: 'blog', group: 'mail', instance: 'here' },
    policy: { attempts: 2, delayAfter: () => 0 } as never,
    letters: {
      history: async () => history,
      record: async () => {},
      bury: async (_, burial) => void burials.push(burial),
    },
    logger: logTo([]),
    stopping: new AbortController().signal,
    attempt() {
      happened.push('tried');
      return handled;
    },
  });
  return { item, settling, happened, burials };
}

describe('an event that comes again', () => {
  it.each([
    ['after as many failures as it has attempts', failed],
    [
      'after a failure that was the last',
      { ...withError(noHistory, failure('final')), ended: true as const },
    ],
  ])('%s becomes a dead letter and is not tried', async (_, history) => {
    const { item, settling, happened, burials } = comingAgain(history);
    await settling.settle(item);
    expect(happened).toEqual(['buried']);
    expect(burials).toMatchObject([
      { state: 'dead', again: true, history: { errors: history.errors, ended: true } },
    ]);
    expect(await settling.resume(item, history)).toBe(false);
    expect(happened).toEqual(['buried', 'buried']);
  });

  it('after it was redriven is tried', async () => {
    const { item, settling, happened, burials } = comingAgain({ ...failed, forgiven: 2 });
    await settling.settle(item);
    expect(happened).toEqual(['tried', 'ack']);
    expect(burials).toEqual([]);
  });
});
