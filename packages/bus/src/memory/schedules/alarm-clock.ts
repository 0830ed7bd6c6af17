import { longestDelay } from '../../longest-delay.ts';

/** Tells the time and rings at times. */
export interface AlarmClock {
  now(): Date;
  /** Rings once, as soon as the time has come, never before this returns. Returns what ends it. */
  ringAt(time: Date, ring: () => void): () => void;
}

/** An alarm clock that stands still until it is turned. */
export interface TurnedClock extends AlarmClock {
  /** Turns it on by milliseconds, and rings what comes due in the order of its time, each at its own time. */
  advance(milliseconds: number): void;
}

export function turnedClock(at: Date | string): TurnedClock {
  let now = new Date(at).getTime();
  const alarms = new Set<{ readonly time: number; readonly ring: () => void }>();

  return {
    now: () => new Date(now),
    ringAt(time, ring) {
      const alarm = { time: time.getTime(), ring };
      alarms.add(alarm);
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

/** The system's clock. What it waits for does not keep the process alive. */
export const systemClock: AlarmClock = {
  now: () => new Date(),
  ringAt(time, ring) {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const left = time.getTime() - Date.now();
      timer = left > longestDelay ? setTimeout(wait, longestDelay) : setTimeout(ring, Math.max(0, left));
      timer.unref();
    };
    wait();
    return () => clearTimeout(timer);
  },
};
