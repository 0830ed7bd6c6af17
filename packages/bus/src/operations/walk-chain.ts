import type { ChainEvent, ChainOperation, OperationChain } from '../operations.ts';

export interface ChainStep {
  readonly node: ChainOperation | ChainEvent;
  /** 0 for the operation itself and for what is detached. */
  readonly depth: number;
}

/**
 * Every operation and event of a chain, each before what it led to; the detached come last. Chains may be deeper than
 * the stack, so go through them by this rather than by recursion (`JSON.stringify` is one).
 */
export function* walkChain(chain: OperationChain): Generator<ChainStep> {
  const { detached } = chain;
  for (const top of [chain, ...detached.events, ...detached.operations]) {
    const open: ChainStep[] = [{ node: top, depth: 0 }];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      yield step;
      const { node, depth } = step;
      const below = [...node.events, ...node.operations].map((child) => ({ node: child, depth: depth + 1 }));
      for (const each of below.toReversed()) open.push(each);
    }
  }
}
