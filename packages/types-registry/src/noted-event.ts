const events = new WeakMap<object, object>();

/**
 * Notes which event could not be handled when an error came of it. The error may repeat what is in the event, in its own
 * words: who logs it can then keep out what is personal.
 */
export function noteEvent(error: unknown, event: object): void {
  if (typeof error === 'object' && error !== null) events.set(error, event);
}

/** The event that was noted for an error itself; its causes may have others. */
export function notedEvent(error: object): object | undefined {
  return events.get(error);
}
