let gathered: (() => void)[] = [];

/**
 * Sends at the end of this turn of the event loop, with all else that waits for it and in that order. The client writes
 * to its socket once for what is published at one go, and handlers that end in one turn do not end at one go: a write
 * for each of them would cost more than all else that is done for an event.
 *
 * @param send does not throw
 */
export function atEndOfTurn(send: () => void): void {
  gathered.push(send);
  if (gathered.length === 1) setImmediate(sendGathered);
}

/** Sends at once what waits for the end of the turn: before what has to come after it. */
export function sendGathered(): void {
  const sends = gathered;
  gathered = [];
  for (const send of sends) send();
}
