import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamOptions,
  jetstream,
  jetstreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import pRetry from 'p-retry';
import { kvFailure, mayPass } from './kv-failure.ts';

/** What every part of the repository needs of JetStream. */
export interface KvApi {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  /** `$JS.API`, or what a domain or an imported account makes of it. */
  readonly prefix: string;
}

/** Options of the NATS client for accounts that reach JetStream under another prefix. */
export type JetStreamPrefix = Pick<JetStreamOptions, 'apiPrefix' | 'domain'>;

/** Milliseconds that one request waits for its answer. */
export const silence = 2_000;
const pauses = { minTimeout: 20, maxTimeout: 500, factor: 2 };

/** Does work that asks the server, and does all of it again where that may help, until the time is up. */
export type Attempt = <T>(work: (api: KvApi) => Promise<T>) => Promise<T>;

/** @param timeout milliseconds after which nothing is tried again */
export function attempts(
  view: string,
  connection: NatsConnection,
  { apiPrefix, domain }: JetStreamPrefix,
  timeout: number,
): Attempt {
  const options = { ...(apiPrefix !== undefined && { apiPrefix }), ...(domain !== undefined && { domain }) };
  let opened: KvApi | undefined;

  async function open(): Promise<KvApi> {
    const manager = await jetstreamManager(connection, { ...options, checkAPI: false, timeout: silence });
    const prefix = manager.getOptions().apiPrefix ?? '$JS.API';
    return { connection, manager, client: jetstream(connection, options), prefix };
  }

  return async (work) => {
    const deadline = performance.now() + timeout;
    const once = async () => {
      opened ??= await open();
      return await work(opened);
    };
    try {
      return await pRetry(once, {
        ...pauses,
        retries: Number.POSITIVE_INFINITY,
        shouldRetry: ({ error }) => mayPass(error) && !connection.isClosed() && performance.now() < deadline,
      });
    } catch (error) {
      throw kvFailure(view, error);
    }
  };
}

/** The stream of a bucket, by NATS's ADR-8. */
export function streamOf(bucket: string): string {
  return `KV_${bucket}`;
}

export function subjectOf(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`;
}

/** The last value of a key, from the leader of the bucket: never an old one. */
export async function lastOf(api: KvApi, bucket: string, key: string): Promise<StoredMsg | undefined> {
  const query = { last_by_subj: subjectOf(bucket, key) };
  return (await api.manager.streams.getMessage(streamOf(bucket), query)) ?? undefined;
}

/** What an answer of JetStream says. @throws JetStreamApiError where it is an error */
export function answerOf<Answer>(answer: Answer & { readonly error?: ApiError }): Answer {
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error);
  return answer;
}

interface ApiError {
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}
