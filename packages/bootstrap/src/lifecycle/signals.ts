import type { Logger } from 'pino';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * A terminal's Ctrl+C reaches the whole group of processes, and runners such as npx, pnpm and turbo pass on what they
 * got as well: a signal within this time, in milliseconds, is an echo of the first, not somebody's second.
 */
const echo = 500;

/**
 * Stops the application at SIGINT or SIGTERM; a second signal ends the process at once, as it would without us. After a
 * clean stop the process ends by itself, when nothing else is left to do.
 *
 * @returns what takes the handlers away; after a signal they stay, for the echo that may be on its way
 */
export function stopOnSignals(stop: () => Promise<void>, logger: Logger): () => void {
  let first: number | undefined;

  function onSignal(signal: NodeJS.Signals): void {
    const now = performance.now();
    if (first !== undefined) {
      if (now - first < echo) return;
      logger.warn({ signal }, 'second signal, ending at once');
      remove();
      process.kill(process.pid, signal);
      return;
    }
    first = now;
    logger.info({ signal }, 'stopping');
    stop().catch(() => {
      // Each part that failed has been logged.
      process.exitCode = 1;
    });
  }

  const remove = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    if (first === undefined) remove();
  };
}
