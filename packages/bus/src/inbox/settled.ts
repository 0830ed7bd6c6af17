/**
 * Waits for work to end in whatever way, but not for longer than until the deadline, by `performance.now`.
 *
 * @returns whether it ended by then.
 * @throws the signal's reason
 */
export async function settled(
  work: Promise<unknown>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const onAbort = () => reject(signal?.reason);
  const timer = setTimeout(() => resolve(false), Math.max(0, deadline - performance.now()));
  signal?.addEventListener('abort', onAbort, { once: true });
  work.then(
    () => resolve(true),
    () => resolve(true),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
