import { createOperations } from '../../operations/create-operations.ts';
import { operationContract } from '../../testing/operation-contract.ts';
import { memoryOperationLog } from './memory-operations.ts';

const logger = { info: () => {}, warn: () => {}, error: () => {} };

operationContract('memory', async (options) => {
  const log = memoryOperationLog('blog');
  const open = () => createOperations(log, { ...options, logger });
  return { operations: open(), another: async () => open() };
});
