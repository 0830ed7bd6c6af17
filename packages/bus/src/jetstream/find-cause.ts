/** The first error of this kind among an error and its causes: the client wraps its errors once or twice. */
export function findCause<E extends Error>(
  kind: abstract new (...args: never[]) => E,
  error: unknown,
): E | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof kind) return at;
  return undefined;
}
