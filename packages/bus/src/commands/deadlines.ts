export interface Expiring {
  /** By `now`. */
  readonly deadline: number;
  /** Called once, up to 25 ms late. */
  expire(): void;
}

/** One timer for all deadlines: one for each costs more than the rest of a request. */
export interface Deadlines {
  /** Milliseconds by a clock that only goes forward. */
  now(): number;
  add(item: Expiring): void;
  delete(item: Expiring): void;
}

const sweepEvery = 25;

export function createDeadlines(): Deadlines {
  const items = new Set<Expiring>();
  let sweeping: NodeJS.Timeout | undefined;
  let swept = 0;
  const now = () => performance.now();

  function tick(): void {
    // Where something has held up the process, answers may have come that have not been read yet: those first.
    if (now() - swept > 4 * sweepEvery) setImmediate(sweep);
    else sweep();
  }

  function sweep(): void {
    const time = now();
    swept = time;
    for (const item of items) {
      if (item.deadline > time) continue;
      items.delete(item);
      item.expire();
    }
    if (items.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    now,
    add(item) {
      items.add(item);
      if (sweeping !== undefined) return;
      swept = now();
      sweeping = setInterval(tick, sweepEvery);
    },
    delete: (item) => items.delete(item),
  };
}
