/** Counts the calls that are under way, so that closing can wait for them. */
export interface Operations {
  /** The same function, counted while its promise is open. */
  counted<Given extends unknown[], T>(
    operation: (...given: Given) => Promise<T>,
  ): (...given: Given) => Promise<T>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function countOperations(): Operations {
  let running = 0;
  let idle: PromiseWithResolvers<void> | undefined;
  return {
    counted:
      (operation) =>
      async (...given) => {
        running += 1;
        try {
          return await operation(...given);
        } finally {
          running -= 1;
          if (running === 0) idle?.resolve();
        }
      },
    async idle() {
      if (running === 0) return;
      idle ??= Promise.withResolvers();
      await idle.promise;
    },
  };
}
