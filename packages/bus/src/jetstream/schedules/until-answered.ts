import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionError, TimeoutError } from '@pipit/types-registry';
import type { TopicApi } from '../topics/topic-api.ts';

const firstPause = 25;
const longestPause = 500;

/**
 * Asks again until there is an answer: the connection may have been lost, the server be starting, or the stream be
 * without a leader for a moment. For questions that may be asked twice.
 *
 * @param refused makes the error of what the server will not do however often it is asked; `undefined` to ask again
 * @throws TimeoutError, ConnectionError, what `refused` makes
 */
export async function untilAnswered<T>(
  { connection }: TopicApi,
  { operation, timeout }: { readonly operation: string; readonly timeout: number },
  ask: () => Promise<T>,
  refused: (cause: unknown) => Error | undefined,
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (cause) {
      const refusal = refused(cause);
      if (refusal !== undefined) throw refusal;
      if (connection.isClosed()) {
        const message = `${operation} failed: the NATS connection is closed. Open a new one.`;
        throw new ConnectionError('unreachable', [connection.getServer()], message, cause);
      }
      if (Date.now() >= deadline) {
        const advice = 'Check that the server is up, then try again.';
        throw new TimeoutError({ operation, timeout, advice, cause });
      }
      await delay(Math.min(firstPause * 2 ** attempt, longestPause));
    }
  }
}
