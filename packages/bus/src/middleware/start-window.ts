/** Turns to begin something, at most so many in any interval, in the order they were asked for. */
export interface StartWindow {
  /** Milliseconds until the turn of who asks now. */
  wait(): number;
  /**
   * Fulfilled when it is the caller's turn.
   *
   * @throws the signal's reason; the turn is the next one's then.
   */
  take(signal: AbortSignal): Promise<void> | undefined;
}

interface Waiting {
  readonly begin: () => void;
}

/**
 * @param interval milliseconds
 * @param clock milliseconds that do not jump
 */
export function startWindow(limit: number, interval: number, clock: () => number): StartWindow {
  // The last `limit` beginnings, as a ring: the one at `oldest` has to be an interval ago for another.
  const starts: number[] = [];
  let oldest = 0;
  const queue = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;

  /** Milliseconds until the turn of who has `ahead` others before him. */
  function waitBehind(ahead: number): number {
    const free = limit - starts.length;
    const place = ahead % limit;
    const start = free > 0 ? starts[place - free] : starts[(oldest + place) % limit];
    const first = start === undefined ? 0 : Math.max(0, start + interval - clock());
    return first + Math.floor(ahead / limit) * interval;
  }

  function begin(): void {
    if (starts.length < limit) starts.push(clock());
    else {
      starts[oldest] = clock();
      oldest = (oldest + 1) % limit;
    }
  }

  function serve(): void {
    timer = undefined;
    for (const waiting of queue) {
      const wait = waitBehind(0);
      if (wait > 0) {
        // Rounded up: a timer that fires early would only be set again.
        timer = setTimeout(serve, Math.ceil(wait));
        return;
      }
      queue.delete(waiting);
      begin();
      waiting.begin();
    }
  }

  return {
    wait: () => waitBehind(queue.size),
    take(signal) {
      signal.throwIfAborted();
      if (queue.size === 0 && waitBehind(0) === 0) {
        begin();
        return undefined;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => {
        queue.delete(waiting);
        if (queue.size === 0) {
          clearTimeout(timer);
          timer = undefined;
        }
        reject(signal.reason);
      };
      const waiting: Waiting = {
        begin() {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queue.add(waiting);
      if (timer === undefined) serve();
      return promise;
    },
  };
}
