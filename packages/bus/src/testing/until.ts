import { vi } from 'vitest';

/** Waits for a condition, with a deadline that a busy machine can keep. */
export async function until(condition: () => unknown): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error(`not yet: ${condition}`);
    },
    { timeout: 20_000, interval: 10 },
  );
}

/** What a promise comes to, for one that is looked at later. */
export function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}
