import type { Commands } from '../../commands.ts';
import { capturingLogger } from '../../testing/capturing-logger.ts';
import { commandContract } from '../../testing/command-contract.ts';
import { memoryCommands } from './memory-commands.ts';
import { memoryNetwork } from './memory-transport.ts';

commandContract('memory commands', async () => {
  const network = memoryNetwork();
  const instances: Commands[] = [];
  const { log, logger } = capturingLogger();
  const maxPayload = 100_000;
  return {
    log,
    maxPayload,
    async instance(options = {}) {
      const commands = memoryCommands({ store: 'blog', network, maxPayload, logger, ...options });
      instances.push(commands);
      return commands;
    },
    async close() {
      await Promise.all(instances.map((instance) => instance.stop({ timeout: 10 })));
    },
  };
});
