import type { Msg } from '@nats-io/nats-core';
import { subjectLayouts } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { toDelivery } from './delivery.ts';

function deliver(reply: string) {
  const answers: string[] = [];
  const msg = {
    subject: 'blog.post.a=2Eb',
    reply,
    data: new Uint8Array(),
    respond: (payload: string) => answers.push(payload) > 0,
  };
  return { answers, ...toDelivery('blog', subjectLayouts.aggregate, msg as unknown as Msg) };
}

const short = '$JS.ACK.blog.search.3.41.7.1767225600000000000.0';
const long = '$JS.ACK.hub.ACCOUNT.blog.search.3.41.7.1767225600000000000.0.random';

it('reads count, position and time, with a domain and without', () => {
  for (const reply of [short, long]) {
    const { count, message } = deliver(reply);
    expect(count).toBe(3);
    expect(message.position).toBe(41);
    expect(message.storedAt).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(message.aggregate).toEqual({ type: 'post', id: 'a.b' });
  }
});

it('ends once, and is not renewed after', () => {
  const { answers, renew, nak, ack } = deliver(short);
  renew();
  nak(1_500);
  ack();
  nak();
  renew();
  expect(answers).toEqual(['+WPI', '-NAK {"delay":1500000000}']);
});

it('comes again at once without a delay', () => {
  const { answers, nak } = deliver(short);
  nak(0);
  expect(answers).toEqual(['-NAK']);
});
