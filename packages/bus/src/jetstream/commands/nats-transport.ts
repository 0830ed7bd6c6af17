import { createInbox, type Msg, type NatsConnection, nuid, type PublishOptions } from '@nats-io/nats-core';
import type { NatsConnectionImpl } from '@nats-io/nats-core/internal';
import { ConnectionError, type Logger } from '@pipit/types-registry';
import { MessageTooLargeError } from '../../command-errors.ts';
import { failureOf } from '../../commands/failure.ts';
import type { Address, CommandTransport, OpenTransport, OutgoingRequest } from '../../commands/transport.ts';
import { toError } from '../../to-error.ts';
import { within } from '../../within.ts';
import { rawHeaders } from './headers.ts';
import { holdAnswers } from './held-answers.ts';
import { watchLink } from './link.ts';
import { listen, queue } from './listen.ts';
import { type Service, type ServiceEndpoint, type ServiceOptions, startService } from './service.ts';
import { readAnswer, requestHeaders } from './wire.ts';

export interface NatsTransportOptions {
  readonly connection: NatsConnection;
  readonly store: string;
  readonly service: Required<Pick<ServiceOptions, 'name' | 'version'>> & ServiceOptions;
  readonly logger: Logger;
}

/** Milliseconds for the last answers to leave. */
const flushTimeout = 500;

/**
 * Requests go to `pipit.<store>.<kind>.<type token>`, in the queue group of the NATS services, and are cancelled by their
 * id on `pipit.<store>.cancel.<kind>.<type token>`. Answers come to one inbox for all.
 */
export function natsTransport(options: NatsTransportOptions): OpenTransport {
  const { connection, store, service, logger } = options;
  const prefix = `pipit.${store}.`;
  const inbox = `${createInbox((connection as NatsConnectionImpl).options.inboxPrefix)}.`;
  const held = holdAnswers();
  const endpoints = new Set<ServiceEndpoint>();
  let shown: Service | undefined;

  return (events) => {
    const link = watchLink(connection, {
      lost: events.lost,
      restored() {
        held.release();
        events.restored();
      },
      forbidden(subject, error) {
        if (subject.startsWith(prefix)) events.forbidden(subject.slice(prefix.length), error);
      },
      closed: events.closed,
    });
    const answers = connection.subscribe(`${inbox}*`, {
      callback(err, message) {
        if (err === null) receive(message);
        else logger.error({ store, err }, `No answers come to commands of store ${store}: ${err.message}`);
      },
    });

    function receive(message: Msg): void {
      const token = message.subject.slice(inbox.length);
      try {
        if (isNoResponders(message)) events.unheard(token);
        else events.answered(token, readAnswer(message));
      } catch (error) {
        // Headers that break the rules of NATS. What is thrown in here would end the connection.
        events.answered(token, { status: 'failed', failure: failureOf(toError(error)) });
      }
    }

    const subjectOf = ({ key }: Address) => prefix + key;

    function unreachable(cause: unknown): ConnectionError {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return new ConnectionError(
        'unreachable',
        [connection.getServer()],
        `The NATS connection cannot be used: ${reason}. Nothing was sent; open another connection.`,
        cause,
      );
    }

    function send(request: OutgoingRequest, token: string): void {
      const { address, payload } = request;
      const headers = requestHeaders(request);
      const size = payload.bytes.byteLength + (headers?.byteLength ?? 0);
      const limit = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
      if (size > limit) throw new MessageTooLargeError(address, 'request', size, limit);
      const publishing: PublishOptions = { reply: inbox + token };
      if (headers !== undefined) publishing.headers = rawHeaders(headers);
      try {
        connection.publish(subjectOf(address), payload.bytes, publishing);
      } catch (cause) {
        throw unreachable(cause);
      }
    }

    const transport: CommandTransport = {
      get servers() {
        return [connection.getServer()];
      },
      get up() {
        return link.up;
      },
      subjectOf,
      send,
      cancel({ key }, id) {
        try {
          connection.publish(`${prefix}cancel.${key}`, id);
        } catch {
          // Without a connection the handler is told by its own deadline.
        }
      },
      listen(address, listener) {
        const subject = subjectOf(address);
        const subjects = { requests: subject, cancellations: `${prefix}cancel.${address.key}` };
        if (connection.isClosed()) {
          return { ready: Promise.reject(unreachable('it is closed')), close: async () => {} };
        }
        const endpoint: ServiceEndpoint = { address, subject, queue, stats: listener.stats };
        const listening = listen({ connection, link, held }, address, subjects, listener);
        endpoints.add(endpoint);
        shown ??= startService(connection, service, nuid.next(), () => [...endpoints], logger);
        return {
          ready: listening.ready,
          async close() {
            endpoints.delete(endpoint);
            if (endpoints.size === 0) {
              shown?.stop();
              shown = undefined;
            }
            await listening.close();
          },
        };
      },
      async flush() {
        if (!link.up || connection.isClosed()) return;
        // It fails where the connection is closed meanwhile, which leaves nothing to send.
        await within(flushTimeout, connection.flush()).catch(() => {});
      },
      close() {
        link.close();
        if (!connection.isClosed()) answers.unsubscribe();
      },
    };
    return transport;
  };
}

/** The server's own answer where nobody listens (NATS "no responders"). */
function isNoResponders(message: Msg): boolean {
  return message.data.byteLength === 0 && message.headers?.code === 503;
}
