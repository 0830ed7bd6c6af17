/** Runs work of the same key one after the other, in the order of asking; that of others is not held up. */
export type DecisionLines = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/**
 * Decisions of one process on one aggregate would only overtake each other: of twenty at once, all but the first would
 * have to be made again, most of them several times.
 */
export function decisionLines(): DecisionLines {
  const last = new Map<string, Promise<unknown>>();

  return async (key, work) => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work);
    // How it ends is its caller's business.
    const end = turn.then(ignore, ignore);
    last.set(key, end);
    try {
      return await turn;
    } finally {
      if (last.get(key) === end) last.delete(key);
    }
  };
}

function ignore(): void {}
