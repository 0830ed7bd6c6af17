import type { NatsConnection } from '@nats-io/nats-core';
import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import type { TopicOptions } from '../../draft-topic-event.ts';
import { topicsStream } from '../../topic-event.ts';
import type { JetStreamPrefix } from '../open-store.ts';
import { ensureTopicsStream, type TopicStreamSettings } from './ensure-topics-stream.ts';
import { openTopicApi, type TopicApi } from './topic-api.ts';

export interface JetStreamTopicsOptions extends JetStreamPrefix, TopicOptions {
  /** Yours: it is neither opened nor closed. It should reconnect without end (`maxReconnectAttempts: -1`). */
  readonly connection: NatsConnection;
  /** The name of the store that the topics belong to. It does not have to exist. */
  readonly store: string;
  /** For the stream where it has to be created. Default: replicas and storage of the store's stream, else one
   * replica in files; events are kept for ever. */
  readonly stream?: TopicStreamSettings;
  /** Told where the stream that is there is not as asked. Default: process warnings. */
  readonly logger?: Logger;
}

/** The stream of a store's topics and schedules, made where there is none. @throws as jetStreamTopics */
export async function openTopics(options: JetStreamTopicsOptions): Promise<TopicApi> {
  const { connection, store, stream } = options;
  const api = await openTopicApi(connection, options);
  const differences = await ensureTopicsStream(api, store, stream);
  if (differences.length > 0) {
    const list = differences.map(
      ({ setting, expected, actual }) =>
        `${setting} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`,
    );
    const message = `Stream ${topicsStream(store)} is not as asked and was left as it is: ${list.join('; ')}`;
    guardLogger(options.logger ?? processWarnings).warn({ store, differences }, message);
  }
  return api;
}
