import type { NatsConnection } from '@nats-io/nats-core';
import { guardLogger, processWarnings, requireStoreName } from '@pipit/types-registry';
import { InvalidCommandOptionError } from '../../command-errors.ts';
import { type CommandsOptions, createCommands } from '../../commands/create-commands.ts';
import type { Commands } from '../../commands.ts';
import { natsTransport } from './nats-transport.ts';
import type { ServiceOptions } from './service.ts';

export interface JetStreamCommandsOptions extends CommandsOptions {
  /** Yours: it is neither opened nor closed here. It should reconnect without end (`maxReconnectAttempts: -1`). */
  readonly connection: NatsConnection;
  readonly service?: ServiceOptions;
}

const serviceName = /^[A-Za-z0-9_-]+$/;
/** https://semver.org, as far as it matters to who reads it. */
const semanticVersion = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Commands and queries over core NATS: no stream is needed, and JetStream may be off. Handlers are shown by the server's
 * own discovery, as one service with an endpoint for each.
 *
 * @throws InvalidSubjectTokenError for a name no store can have, InvalidCommandOptionError
 */
export function jetStreamCommands(options: JetStreamCommandsOptions): Commands {
  const { connection, service = {}, logger = processWarnings } = options;
  const store = requireStoreName(options.store);
  const { name = store, version = '0.0.0' } = service;
  requireForm('service name', name, serviceName, 'letters, digits, - and _');
  requireForm('service version', version, semanticVersion, 'a semantic version such as 1.4.0');
  const transport = natsTransport({
    connection,
    store,
    service: { ...service, name, version },
    logger: guardLogger(logger),
  });
  return createCommands(options, transport);
}

function requireForm(option: string, value: string, form: RegExp, expected: string): void {
  if (form.test(value)) return;
  throw new InvalidCommandOptionError(option, `must be ${expected}, not ${JSON.stringify(value)}`);
}
