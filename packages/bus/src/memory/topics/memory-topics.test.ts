import { expect, it } from 'vitest';
import { Mail, mail, topicContract } from '../../testing/topic-contract.ts';
import { memoryTopicLog } from './memory-topic-log.ts';
import { memoryTopics } from './memory-topics.ts';

topicContract('memoryTopics', async () => {
  const log = memoryTopicLog('shop');
  return {
    store: 'shop',
    topics: memoryTopics(log),
    messages: async () => [...log.messages],
    release: async () => {},
  };
});

it('tells of what is stored, until that is ended', async () => {
  const log = memoryTopicLog('shop');
  const seen: number[] = [];
  const end = log.onStored(({ position }) => seen.push(position));
  const topics = memoryTopics(log, { newId: () => `e${seen.length}` });
  expect(await topics.publish(Mail, 'ada', mail())).toMatchObject({ id: 'e0' });
  await topics.publish(Mail, 'ada', mail());
  end();
  await topics.publish(Mail, 'ada', mail());
  expect(seen).toEqual([1, 2]);
});

it('forgets the id of an event after two minutes, as servers do', async () => {
  let now = 0;
  const log = memoryTopicLog('shop', () => new Date(now));
  const topics = memoryTopics(log, { newId: () => 'same' });
  await topics.publish(Mail, 'ada', mail());
  now = 120_000;
  expect(await topics.publish(Mail, 'ada', mail())).toMatchObject({ position: 2, duplicate: false });
});
