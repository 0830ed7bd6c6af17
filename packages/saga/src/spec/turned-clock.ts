import type { AlarmClock } from '../alarm-clock.ts';

/** An alarm clock that stands still until it is turned. */
export interface TurnedClock extends AlarmClock {
  /** Turns it on by milliseconds, and rings what comes due in the order of its time, each at its own time. */
  advance(milliseconds: number): void;
}

/** @param at default: 2026-01-01, midnight UTC */
export function turnedClock(at: Date | string = '2026-01-01T00:00:00Z'): TurnedClock {
  let now = new Date(at).getTime();
  const alarms = new Set<{ readonly time: number; readonly ring: () => void }>();

  return {
    now: () => new Date(now),
    ringAt(time, ring) {
      const alarm = { time: time.getTime(), ring };
      alarms.add(alarm);
      if (alarm.time <= now)
        queueMicrotask(() => {
          if (alarms.delete(alarm)) ring();
        });
      return () => alarms.delete(alarm);
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const [first] = [...alarms].filter(({ time }) => time <= end).toSorted((a, b) => a.time - b.time);
        if (first === undefined) break;
        alarms.delete(first);
        now = Math.max(now, first.time);
        first.ring();
      }
      now = end;
    },
  };
}
