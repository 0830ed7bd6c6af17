import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import type { Logger } from '@pipit/types-registry';
import type { Address, EndpointStats } from '../../commands/transport.ts';

/** What the server's discovery tells of an instance; `nats micro ls`, `info` and `stats` show it. */
export interface ServiceOptions {
  /** Letters, digits, `-` and `_`. Default: the name of the store. */
  readonly name?: string;
  /** Of your program, as semantic versioning has it. Default: `0.0.0`. */
  readonly version?: string;
  readonly description?: string;
}

export interface ServiceEndpoint {
  readonly address: Address;
  readonly subject: string;
  readonly queue: string;
  readonly stats: EndpointStats;
}

export interface Service {
  stop(): void;
}

/**
 * Answers discovery as the NATS services do (ADR-32, "Service API"): `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`, each for
 * all services, for those of a name, and for one instance.
 */
export function startService(
  connection: NatsConnection,
  { name, version, description = '' }: Required<Pick<ServiceOptions, 'name' | 'version'>> & ServiceOptions,
  id: string,
  endpoints: () => readonly ServiceEndpoint[],
  logger: Logger,
): Service {
  const started = new Date().toISOString();
  const base = { name, id, version, metadata: {} };
  const answers: Readonly<Record<string, () => object>> = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...base }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...base,
      description,
      endpoints: endpoints().map(infoOf),
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...base,
      started,
      endpoints: endpoints().map(statsOf),
    }),
  };
  const reply = (verb: string, message: Msg) => {
    const answer = answers[verb];
    if (answer === undefined || connection.isClosed()) return;
    message.respond(JSON.stringify(answer()));
  };
  const subscriptions: Subscription[] = ['', `.${name}`, `.${name}.${id}`].flatMap((suffix) =>
    Object.keys(answers).map((verb) =>
      connection.subscribe(`$SRV.${verb}${suffix}`, {
        callback(err, message) {
          if (err === null) reply(verb, message);
          else logger.warn({ service: name, err }, `Service ${name} is not shown by ${verb}: ${err.message}`);
        },
      }),
    ),
  );
  return {
    stop() {
      if (connection.isClosed()) return;
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

/** A name may hold less than a type, which the metadata have as it is. */
function describe({ address, subject, queue }: ServiceEndpoint) {
  return { name: address.key.replaceAll(/[^A-Za-z0-9_-]/g, '_'), subject, queue_group: queue };
}

function infoOf(endpoint: ServiceEndpoint) {
  const { kind, type } = endpoint.address;
  return { ...describe(endpoint), metadata: { kind, type } };
}

function statsOf(endpoint: ServiceEndpoint) {
  const { requests, errors, lastError = '', processingTime } = endpoint.stats;
  const nanoseconds = Math.round(processingTime * 1_000_000);
  return {
    ...describe(endpoint),
    num_requests: requests,
    num_errors: errors,
    last_error: lastError,
    processing_time: nanoseconds,
    average_processing_time: requests === 0 ? 0 : Math.round(nanoseconds / requests),
  };
}
