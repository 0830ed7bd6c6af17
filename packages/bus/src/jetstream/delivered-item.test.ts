import type { Msg } from '@nats-io/nats-core';
import { defineRegistry, subjectLayouts } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { DeliveredItem } from './delivered-item.ts';
import { sendGathered } from './end-of-turn.ts';
import { storeSource } from './event-source.ts';

const { events } = defineRegistry({});

function deliver(reply: string, subject = 'blog.post.a=2Eb', layout: 'aggregate' | 'event' = 'aggregate') {
  const answers: string[] = [];
  const msg = {
    subject,
    reply,
    data: new Uint8Array(),
    respond: (payload: string) => answers.push(payload) > 0,
  };
  const source = storeSource('blog', subjectLayouts[layout], events);
  return { answers, item: new DeliveredItem(source, msg as unknown as Msg, 0) };
}

const short = '$JS.ACK.blog.search.3.41.7.1767225600000000000.0';
const long = '$JS.ACK.hub.ACCOUNT.blog.search.3.41.7.1767225600000000000.0.random';

it('reads count, position and time, with a domain and without', () => {
  for (const reply of [short, long]) {
    const { item } = deliver(reply);
    expect(item.deliveryCount).toBe(3);
    expect(item.position).toBe(41);
    expect(item.storedAt).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(item.aggregate).toEqual({ type: 'post', id: 'a.b' });
  }
});

it('keeps order by the aggregate, in both layouts', () => {
  expect(deliver(short).item.key).toBe('post.a=2Eb');
  expect(deliver(short, 'blog.post.a=2Eb.post-published', 'event').item.key).toBe('post.a=2Eb');
});

it('ends once, and is not renewed after', () => {
  const { answers, item } = deliver(short);
  item.renew(1);
  item.giveBack(1_500);
  item.ack();
  item.giveBack();
  item.renew(2);
  sendGathered();
  expect(answers).toEqual(['+WPI', '-NAK {"delay":1500000000}']);
});

it('comes again at once without a delay', () => {
  const { answers, item } = deliver(short);
  item.giveBack(0);
  sendGathered();
  expect(answers).toEqual(['-NAK']);
});
