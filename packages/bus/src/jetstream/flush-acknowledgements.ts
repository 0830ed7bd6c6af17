import type { Logger } from '@pipit/types-registry';
import { within } from '../within.ts';
import { sendGathered } from './end-of-turn.ts';
import { isConnected, type OpenStore } from './open-store.ts';

/** Waits until the server has what was acknowledged, but no longer than so many milliseconds. */
export async function flushAcknowledgements(
  store: OpenStore,
  group: string,
  timeout: number,
  logger: Logger,
): Promise<void> {
  const { name, connection } = store;
  // Closed under the group, which has been logged, or by who stops it that way: what was not acknowledged comes again.
  if (connection.isClosed()) return;
  sendGathered();
  try {
    if (!isConnected(store)) throw new Error('the server is away');
    const answered = await within(timeout, connection.flush());
    if (!answered) throw new Error(`no answer in ${timeout} ms`);
  } catch (error) {
    const err = error as Error;
    const message = `Group ${group} stops, and its last acknowledgements may not have arrived, which means repeated events: ${err.message}`;
    logger.warn({ store: name, group, err }, message);
  }
}
