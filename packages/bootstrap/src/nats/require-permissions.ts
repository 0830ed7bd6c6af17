import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { deniedBy, explained } from './explain-failure.ts';

/** Milliseconds for an answer. Nobody answers for a stream without a leader, which says nothing about permissions. */
const timeout = 2_000;

/**
 * Asks whether the account may use the streams beside the store's, of dead letters and of operations. Better to know at
 * start than when the first event fails. Nothing is written and nothing made: the requests are such that the server
 * refuses them, or answers that there is nothing.
 *
 * @throws ConnectionError with reason `unauthorized`
 */
export async function requirePermissions(connection: NatsConnection, store: string): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const prefix = manager.getOptions().apiPrefix ?? '$JS.API';

  async function ask(subject: string, fields = headers()): Promise<string> {
    try {
      return (await connection.request(subject, '', { timeout, headers: fields })).string();
    } catch (error) {
      if (deniedBy(error) !== undefined) throw error;
      return '';
    }
  }

  async function askFor(stream: string, reading: string): Promise<void> {
    const nowhere = headers();
    // The stream refuses what is meant for another one.
    nowhere.set('Nats-Expected-Stream', `${stream}_other`);
    const [info] = await Promise.all([
      ask(`${prefix}.STREAM.INFO.${stream}`),
      ask(`${prefix}.${reading}.${stream}`),
      ask(`${stream}.permission`, nowhere),
    ]);
    // A stream that somebody else has made need not be made here. Without a configuration none is.
    if (info.includes('"err_code":10059')) await ask(`${prefix}.STREAM.CREATE.${stream}`);
  }

  await explained(connection, store, () =>
    Promise.all([askFor(`${store}_operations`, 'DIRECT.GET'), askFor(`${store}_dead`, 'STREAM.MSG.GET')]),
  );
}
