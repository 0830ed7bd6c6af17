import { expect, it } from 'vitest';
import type { DeadLetterAlert } from '../alerts.ts';
import { letterBatch } from './letter-batch.ts';
import { slackMessage } from './slack-message.ts';

const letter: DeadLetterAlert = {
  store: 'blog',
  group: 'mail',
  type: 'post-published',
  eventId: 'e1',
  key: 'post p1',
  attempts: 5,
  error: { name: 'Error', message: 'the mail server is away' },
  at: new Date('2026-01-01T00:00:00Z'),
};

function textOf(letters: Iterable<DeadLetterAlert>, most = 10): string {
  const batch = letterBatch(most);
  for (const each of letters) batch.add(each);
  return slackMessage(batch).text;
}

function* many(count: number, make: (index: number) => Partial<DeadLetterAlert> = () => ({})) {
  for (let i = 0; i < count; i++) yield { ...letter, ...make(i) };
}

it('one letter is told with all its facts', () => {
  expect(textOf([letter])).toBe(
    [
      'An event was dead-lettered',
      '• blog: group mail gave up on post-published e1 of post p1 after 5 attempts: Error: the mail server is away (2026-01-01T00:00:00.000Z)',
    ].join('\n'),
  );
});

it('many are counted by group and type, and the first ones told', () => {
  const text = textOf(
    many(12, (index) => (index % 3 === 0 ? { group: 'search' } : {})),
    2,
  );
  const lines = text.split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '12 events were dead-lettered',
    '4 × post-published in group search of blog',
    '8 × post-published in group mail of blog',
    '',
  ]);
  expect(lines).toHaveLength(7);
  expect(lines.at(-1)).toBe('… and 10 more');
});

it('what an error says is neither a link nor a mention nor a format', () => {
  const message = '<!channel> <https://evil.example|here> & *bold*';
  const batch = letterBatch(1);
  batch.add({ ...letter, error: { name: '<Error>', message } });
  const body = slackMessage(batch);
  expect(body.text).toContain(
    '&lt;Error&gt;: &lt;!channel&gt; &lt;https://evil.example|here&gt; &amp; *bold*',
  );
  expect(body).toMatchObject({ mrkdwn: false, unfurl_links: false, unfurl_media: false });
});

it('a text stays within the limits of Slack, whatever the letters say', () => {
  const long = '&<>🐦'.repeat(10_000);
  const text = textOf(
    many(200, (index) => ({
      group: `${index}${long}`,
      type: long,
      eventId: long,
      key: long,
      error: { name: long, message: long },
    })),
    100,
  );
  expect(text.length).toBeLessThan(4_000);
  expect(text.isWellFormed()).toBe(true);
  expect(text).toMatch(/^200 events/);
  expect(text.split('\n').some((line) => /× others$/.test(line))).toBe(true);
});

it('a batch holds little, however many letters it counts', () => {
  const batch = letterBatch(10);
  for (const each of many(100_000, (index) => ({ type: `type-${index}` }))) batch.add(each);
  expect(batch.size).toBe(100_000);
  expect(batch.first).toHaveLength(10);
  expect(batch.counts.length + batch.others).toBe(100_000);
  expect(batch.counts.length).toBeLessThan(100);
});

it('an error of several lines takes one', () => {
  expect(textOf([{ ...letter, error: { name: 'Error', message: 'one\n  two\r\nthree' } }])).toContain(
    'Error: one two three (',
  );
});
