import { expect, it } from 'vitest';
import type { Inbox, OnceOptions } from '../inbox.ts';
import { InDoubtError } from '../inbox-errors.ts';
import { memoryInbox } from '../memory/inbox/memory-inbox.ts';
import { mount } from './event.fixture.ts';
import { type InboxOptions, inbox } from './inbox.ts';

/** An inbox where everything is in doubt. */
const doubtful: Inbox = {
  async once(key, effect, { onDoubt }: OnceOptions) {
    const doubt = { ...key, begunAt: new Date(0) };
    const choice = typeof onDoubt === 'function' ? await onDoubt(doubt) : onDoubt;
    if (choice === 'fail') throw new InDoubtError(doubt);
    if (choice === 'skip') return 'skipped';
    await effect();
    return 'done';
  },
  forget: async () => true,
};

it('an event that comes again is passed over, by group', async () => {
  let handled = 0;
  const guard = inbox(memoryInbox());
  const mail = mount([guard], async () => void handled++);
  for (let i = 0; i < 3; i++) await mail.deliver();
  await mount([guard], async () => void handled++, 'search').deliver();
  expect(handled).toBe(2);
  expect(mail.log).toMatchObject([{ level: 'info' }, { level: 'info' }]);
});

it('a handler that fails runs again', async () => {
  let handled = 0;
  const { deliver } = mount([inbox(memoryInbox())], async () => {
    handled += 1;
    if (handled === 1) throw new Error('away');
  });
  await expect(deliver()).rejects.toThrow('away');
  await deliver();
  await deliver();
  expect(handled).toBe(2);
});

it.each<[string, InboxOptions, number]>([
  ['a person', {}, 0],
  ['the option', { onDoubt: 'repeat' }, 1],
  ['the option', { onDoubt: 'skip' }, 0],
  [
    'a function that asks',
    { onDoubt: async ({ type }) => (type === 'post-published' ? 'repeat' : 'skip') },
    1,
  ],
])('a doubt is decided by %s, and logged', async (_, options, effects) => {
  let handled = 0;
  const { deliver, log } = mount([inbox(doubtful, options)], async () => void handled++);
  if (options.onDoubt === undefined)
    await expect(deliver()).rejects.toMatchObject({ code: 'IN_DOUBT', eventId: 'e1' });
  else await deliver();
  expect(handled).toBe(effects);
  expect(log).toMatchObject([{ level: 'warn', facts: { eventId: 'e1', choice: expect.any(String) } }]);
});

it('a choice that is none is refused', async () => {
  const odd = 'retry' as 'repeat';
  const refused = expect.objectContaining({ code: 'INVALID_INBOX', option: 'onDoubt' });
  expect(() => inbox(doubtful, { onDoubt: odd })).toThrow(refused);
  await expect(mount([inbox(doubtful, { onDoubt: () => odd })], async () => {}).deliver()).rejects.toThrow(
    refused,
  );
});

it('an event whose handler takes no notice of its signal fails, instead of being waited for', async () => {
  const end = Promise.withResolvers<void>();
  const { deliver } = mount([inbox(memoryInbox({ wait: 10 }))], () => end.promise);
  const time = new AbortController();
  const first = deliver('e1', time.signal);
  await expect(deliver()).rejects.toMatchObject({ code: 'INBOX_BUSY' });
  time.abort(new Error('late'));
  await expect(deliver()).rejects.toMatchObject({ code: 'STILL_RUNNING', eventId: 'e1' });
  end.resolve();
  await first;
  await deliver();
});
