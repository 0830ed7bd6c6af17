import { guardLogger, processWarnings } from '@pipit/types-registry';
import { topicsStream } from '../../topic-event.ts';
import { ensureTopicsStream } from './ensure-topics-stream.ts';
import type { JetStreamTopicsOptions } from './jetstream-topics.ts';
import { openTopicApi, type TopicApi } from './topic-api.ts';

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
