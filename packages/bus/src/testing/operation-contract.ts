import { afterEach, beforeEach, describe } from 'vitest';
import type { Operations } from '../operations.ts';
import { operationChainContract } from './operation-chain-contract.ts';
import { operationHandlingContract } from './operation-handling-contract.ts';
import { operationListContract } from './operation-list-contract.ts';
import { operationNestingContract } from './operation-nesting-contract.ts';
import { operationRunContract } from './operation-run-contract.ts';
import { operationSuite } from './operation-suite.ts';

export interface OpenedOperations {
  readonly operations: Operations;
  /** The same operations, as another process has them. The suite closes it. */
  another(): Promise<Operations>;
  /** Whatever has to end with the test, the operations aside. */
  readonly release?: () => Promise<void>;
}

const parts = [
  operationRunContract,
  operationChainContract,
  operationHandlingContract,
  operationNestingContract,
  operationListContract,
];

/** What all operations promise. `open` gives new, empty ones each time. Runs under vitest. */
export function operationContract(
  implementation: string,
  open: (options: { readonly instance: string }) => Promise<OpenedOperations>,
): void {
  describe(`${implementation} keeps the promises of operations`, () => {
    let opened: OpenedOperations;

    beforeEach(async () => {
      opened = await open({ instance: 'here' });
    });
    afterEach(async () => {
      await opened.operations.close();
      await opened.release?.();
    });

    const suite = operationSuite(() => opened);
    for (const part of parts) part(suite);
  });
}
