import { expect, it, vi } from 'vitest';
import { scheduleContract } from '../../testing/schedule-contract.ts';
import { Mail, mail, topicEvents } from '../../testing/topic-contract.ts';
import { memoryTopicLog } from '../topics/memory-topic-log.ts';
import { turnedClock } from './alarm-clock.ts';
import { memorySchedules } from './memory-schedules.ts';

function open(at: string) {
  const clock = turnedClock(at);
  const log = memoryTopicLog('shop', clock.now);
  const schedules = memorySchedules(log, clock);
  return { clock, schedules, messages: async () => [...log.messages] };
}

scheduleContract('memorySchedules', async () => {
  const { clock, schedules, messages } = open('2026-01-01T00:00:00Z');
  return {
    schedules,
    messages,
    now() {
      // A suite that waits sees the time go by, as it does on a server.
      clock.advance(1);
      return clock.now();
    },
    pass: (milliseconds) => clock.advance(milliseconds),
    release: async () => {},
  };
});

it('fires by the UTC hour, each at its own time, however far the clock is turned', async () => {
  const opened = open('2026-03-28T00:00:00Z');
  await opened.schedules.cron('report', '0 0 9 * * *', Mail, 'ada', mail());
  await opened.schedules.at('once', new Date('2026-03-29T08:59:59Z'), Mail, 'once', mail());
  opened.clock.advance(2 * 86_400_000);
  expect((await topicEvents(opened)).map(({ time }) => time.toISOString())).toEqual([
    '2026-03-28T09:00:00.000Z',
    '2026-03-29T08:59:59.000Z',
    '2026-03-29T09:00:00.000Z',
  ]);
});

it("goes by the system's clock where none is given, and leaves the process free to end", async () => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
  try {
    const log = memoryTopicLog('shop');
    const schedules = memorySchedules(log);
    await schedules.at('far', new Date('2026-03-01T00:00:00Z'), Mail, 'ada', mail());
    await vi.advanceTimersByTimeAsync(58 * 86_400_000);
    expect(log.messages).toEqual([]);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(log.messages).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});
