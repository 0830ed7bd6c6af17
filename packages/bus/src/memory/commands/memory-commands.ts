import { requireStoreName } from '@pipit/types-registry';
import { type CommandsOptions, createCommands } from '../../commands/create-commands.ts';
import type { Commands } from '../../commands.ts';
import { type MemoryNetwork, memoryNetwork, memoryTransport } from './memory-transport.ts';

export interface MemoryCommandsOptions extends CommandsOptions {
  /** Instances that are given the same one reach each other. Default: one of its own. */
  readonly network?: MemoryNetwork;
  /** Bytes a request or an answer may take. Default: 1 MiB, as nats-server has it. */
  readonly maxPayload?: number;
}

/** Commands and queries within one process, for tests and development: payloads are encoded and checked all the same. */
export function memoryCommands(options: MemoryCommandsOptions): Commands {
  const store = requireStoreName(options.store);
  const { network = memoryNetwork(), maxPayload = 1_048_576 } = options;
  return createCommands(options, memoryTransport(network, store, maxPayload));
}
