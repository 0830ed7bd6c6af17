import { expect, it } from 'vitest';
import { testInbox } from '../../testing/inbox-contract.ts';
import { memoryInbox } from './memory-inbox.ts';

testInbox('memoryInbox', async (settings) => ({ inbox: memoryInbox(settings) }));

it('memoryInbox refuses times that make no sense', () => {
  for (const ttl of [0, -1, 999, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
    expect(() => memoryInbox({ ttl })).toThrow(
      expect.objectContaining({ code: 'INVALID_INBOX', option: 'ttl' }),
    );
  }
  expect(() => memoryInbox({ wait: -1 })).toThrow(expect.objectContaining({ option: 'wait' }));
});

it('memoryInbox holds nothing that has expired', async () => {
  let now = 0;
  const inbox = memoryInbox({ ttl: 1_000, clock: () => now });
  let effects = 0;
  for (now = 0; now < 100_000; now += 1_000) {
    const eventId = 'same';
    await inbox.once({ group: 'mail', eventId }, async () => void effects++, { onDoubt: 'fail' });
  }
  expect(effects).toBe(100);
});
