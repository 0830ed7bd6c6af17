import type { LogFacts, Logger } from '@pipit/types-registry';
import pRetry from 'p-retry';
import type { Projection } from '../define-projection.ts';
import type { EventReader } from '../event-reader.ts';
import { inTime } from './in-time.ts';
import { passesInTime } from './passes-in-time.ts';
import { untilAborted } from './until-aborted.ts';
import type { VersionProgress } from './version-progress.ts';

/** Milliseconds in which a version must be able to take in what has been appended, to count as caught up. */
const closeBehind = 1_000;

/**
 * Lets a version take the place of an earlier one as soon as its rows show the whole log; a version that is active, or
 * earlier than the active one, is left as it is. Ends when the signal aborts.
 */
export async function becomeActive<Row>(
  { version, repository }: Projection<Row>,
  reader: EventReader,
  progress: VersionProgress,
  signal: AbortSignal,
  { logger, facts }: { readonly logger: Logger; readonly facts: LogFacts },
): Promise<void> {
  const { name, versions } = repository;

  async function attempt(): Promise<void> {
    for (let before: number | undefined; ; ) {
      const active = (await inTime(name, versions.list())).find(({ active }) => active)?.version ?? version;
      if (active === version && before !== undefined)
        logger.info({ ...facts, before }, 'projection is read from its new version');
      if (active >= version) return;
      const end = await reader.position();
      const began = performance.now();
      await untilAborted(progress.waitFor(end, Number.POSITIVE_INFINITY), signal);
      if (performance.now() - began > closeBehind) continue;
      // A later version may have been quicker.
      await inTime(name, versions.activate(version, { insteadOf: active }));
      before = active;
    }
  }

  await pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 50,
    maxTimeout: 5_000,
    signal,
    shouldRetry: ({ error }) => passesInTime(error),
    onFailedAttempt: ({ error, retryDelay }) => {
      if (signal.aborted) return;
      logger.warn({ ...facts, pause: retryDelay, err: error }, 'projection could not become active');
    },
  });
}
