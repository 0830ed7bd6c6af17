/** Tells the time and rings at times. */
export interface AlarmClock {
  now(): Date;
  /** Rings once, as soon as the time has come, never before this returns. Returns what ends it. */
  ringAt(time: Date, ring: () => void): () => void;
}

/** What a timer of Node.js can wait for at most. */
const longestDelay = 2 ** 31 - 1;

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
