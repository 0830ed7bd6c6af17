import { currentTrace, type RecordedEvent } from '@pipit/types-registry';
import { walkChain } from '../operations/walk-chain.ts';
import type { Operation, OperationChain, OperationQuery, Operations } from '../operations.ts';

/** What the parts of the contract work with. */
export interface OperationSuite {
  operations(): Operations;
  another(): Promise<Operations>;
  readonly openAccount: { readonly kind: 'command'; readonly name: string };
  /** Appends an event of an id here and now, as a store would do it. */
  append(id: string): RecordedEvent;
  list(query?: OperationQuery): Promise<Operation[]>;
  /** The chain that has to be on record. */
  chainOf(id: string): Promise<OperationChain>;
  /** The chain as indented lines. */
  shape(id: string): Promise<string[]>;
}

export function operationSuite(
  opened: () => {
    readonly operations: Operations;
    another(): Promise<Operations>;
  },
): OperationSuite {
  let position = 0;
  const operations = () => opened().operations;

  async function chainOf(id: string): Promise<OperationChain> {
    const chain = await operations().get(id);
    if (chain === undefined) throw new Error(`nothing is on record of ${id}`);
    return chain;
  }

  return {
    operations,
    another: () => opened().another(),
    openAccount: { kind: 'command', name: 'open-account' },
    append(id) {
      const { correlationId = id, causationId } = currentTrace();
      const aggregate = { type: 'account', id: 'a1' };
      position += 1;
      const event: RecordedEvent = {
        ...{ id, type: 'opened', aggregate, position, time: new Date(), correlationId, causationId },
        ...{ store: 'blog', revision: position, schemaVersion: 1, data: {}, metadata: {} },
        traceparent: undefined,
      };
      operations().recorder.appended([event]);
      return event;
    },
    list: (query) => Array.fromAsync(operations().list(query)),
    chainOf,
    shape: async (id) =>
      [...walkChain(await chainOf(id))].map(
        ({ node, depth }) =>
          `${'  '.repeat(depth)}${'position' in node ? node.id : (node.operation?.name ?? 'unknown')}`,
      ),
  };
}
