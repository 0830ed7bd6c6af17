/** Answers that are ready while the connection is down: the client would drop them when it is up again. */
export interface HeldAnswers {
  add(send: () => void, until: number): void;
  /** Sends those that somebody still waits for. */
  release(): void;
}

export function holdAnswers(): HeldAnswers {
  let held: { readonly send: () => void; readonly until: number }[] = [];
  return {
    add: (send, until) => void held.push({ send, until }),
    release() {
      const answers = held;
      held = [];
      for (const { send, until } of answers) if (until > performance.now()) send();
    },
  };
}
