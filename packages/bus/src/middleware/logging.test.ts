import { expect, it } from 'vitest';
import { PausedError } from '../paused-error.ts';
import { mount } from './event.fixture.ts';
import { logging } from './logging.ts';

function ticking(): () => number {
  let now = 0;
  return () => (now += 12.34);
}

it('an event that is handled is one line with its duration', async () => {
  const { deliver, log } = mount([logging({ clock: ticking() })], async () => {});
  await deliver();
  expect(log).toEqual([
    {
      level: 'info',
      facts: {
        store: 'blog',
        group: 'mail',
        eventType: 'post-published',
        aggregate: { type: 'post', id: 'p1' },
        eventId: 'e1',
        position: 1,
        deliveryCount: 1,
        duration: 12.3,
      },
      message: 'mail handled post-published e1 in 12.3 ms',
    },
  ]);
});

it('a failure stays what it is, and is left to the bus, which tells what becomes of it', async () => {
  const err = new Error('away');
  const { deliver, log } = mount([logging({ clock: ticking() })], () => Promise.reject(err));
  await expect(deliver()).rejects.toBe(err);
  expect(log).toEqual([]);
});

it('an event that is put off is no failure', async () => {
  const { deliver, log } = mount([logging()], () =>
    Promise.reject(new PausedError({ for: 50, reason: 'closed on Sundays' })),
  );
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED' });
  expect(log).toMatchObject([
    { level: 'info', message: 'mail put post-published e1 off for 50 ms: closed on Sundays' },
  ]);
});

it('a logger that throws keeps no event from being handled', async () => {
  const refuse = () => {
    throw new Error('disk full');
  };
  const { deliver } = mount(
    [logging({ logger: { info: refuse, warn: refuse, error: refuse } })],
    async () => {},
  );
  await deliver();
});
