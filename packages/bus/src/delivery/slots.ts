/** Places to run in. Whoever waits for one gets it in the order of asking. */
export interface Slots {
  readonly used: number;
  /**
   * Takes a place, at once where this returns nothing. Resolves with `false` where there will be none.
   *
   * @param alone takes all of them, so that nothing else runs meanwhile
   */
  take(alone?: boolean): Promise<boolean> | undefined;
  /** Gives back what was taken, in the same way. */
  free(alone?: boolean): void;
  /** Gives no more places, nor to those who wait. */
  close(): void;
}

interface Waiting {
  readonly alone: boolean;
  readonly go: (got: boolean) => void;
}

export function createSlots(size: number): Slots {
  let used = 0;
  let closed = false;
  const waiting: Waiting[] = [];
  const fits = (alone: boolean) => (alone ? used === 0 : used < size);
  const taken = (alone: boolean) => (alone ? size : 1);

  return {
    get used() {
      return used;
    },
    take(alone = false) {
      if (closed) return Promise.resolve(false);
      if (waiting.length === 0 && fits(alone)) {
        used += taken(alone);
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.push({ alone, go: resolve });
      return promise;
    },
    free(alone = false) {
      used -= taken(alone);
      for (let next = waiting[0]; next !== undefined && fits(next.alone); next = waiting[0]) {
        waiting.shift();
        used += taken(next.alone);
        next.go(true);
      }
    },
    close() {
      closed = true;
      for (const { go } of waiting.splice(0)) go(false);
    },
  };
}
