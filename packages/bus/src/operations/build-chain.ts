import type { Branch, ChainOperation, EventFacts, GroupOutcome, Operation } from '../operations.ts';
import { groupOutcomes } from './group-outcomes.ts';
import { operationOf } from './list-operations.ts';
import type { Ended, EventHandled, OperationRecord, Started } from './record.ts';

export interface BuiltChain {
  /** `undefined` where nothing is on record of it. */
  find(operationId: string): ChainOperation | undefined;
  readonly detached: Branch;
}

interface Node {
  readonly id: string;
  readonly events: EventNode[];
  readonly operations: OperationNode[];
}

interface EventNode extends Node, EventFacts {
  groups: readonly GroupOutcome[];
}

interface OperationNode extends Node {
  operation: Operation | undefined;
}

/**
 * Puts the records of a chain together, whatever their order and however often they are there. Each node hangs in one
 * place: below its cause, or among the detached. Nothing recurs, so a chain may be as long as it likes.
 */
export function buildChain(root: string, records: Iterable<OperationRecord>): BuiltChain {
  const { events, operations } = collect(root, records);
  const nodes = [
    ...[...events.values()].toSorted((a, b) => a.position - b.position),
    // Their ids sort by time.
    ...[...operations.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  ];
  const below = new Map<Node, Node[]>();
  const orphans: Node[] = [];
  for (const node of nodes) {
    const cause =
      'position' in node ? (node as EventNode).causationId : (node as OperationNode).operation?.parentId;
    const parent = cause === undefined ? undefined : (operations.get(cause) ?? events.get(cause));
    const siblings = parent === undefined ? orphans : (below.get(parent) ?? []);
    siblings.push(node);
    if (parent !== undefined) below.set(parent, siblings);
  }

  const placed = new Set<Node>();
  const detached: Branch & Pick<Node, 'events' | 'operations'> = { events: [], operations: [] };

  function hang(node: Node, branch: Pick<Node, 'events' | 'operations'>): void {
    placed.add(node);
    if ('position' in node) branch.events.push(node as EventNode);
    else branch.operations.push(node as OperationNode);
  }

  function grow(from: Node): void {
    placed.add(from);
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const child of below.get(node) ?? []) {
        if (placed.has(child)) continue;
        hang(child, node);
        open.push(child);
      }
    }
  }

  const top = operations.get(root);
  if (top !== undefined) grow(top);
  // What is left after those without a cause goes round in circles, which are cut where they are entered.
  for (const node of [...orphans, ...nodes]) {
    if (placed.has(node)) continue;
    hang(node, detached);
    grow(node);
  }
  return { find: (id) => operations.get(id), detached };
}

function collect(root: string, records: Iterable<OperationRecord>) {
  const events = new Map<string, EventNode>();
  const halves = new Map<string, { started?: Started; ended?: Ended }>();
  const handlings = new Map<string, EventHandled[]>();
  for (const record of records) {
    if (record.record === 'operation-started' || record.record === 'operation-ended') {
      const half = halves.get(record.id) ?? {};
      halves.set(record.id, half);
      if (record.record === 'operation-started') half.started = record;
      else half.ended = record;
      continue;
    }
    const { event } = record;
    if (!events.has(event.id)) events.set(event.id, { ...event, groups: [], events: [], operations: [] });
    if (record.record === 'event-appended') continue;
    const list = handlings.get(event.id) ?? [];
    handlings.set(event.id, list);
    list.push(record);
  }
  for (const [id, event] of events) event.groups = groupOutcomes(handlings.get(id) ?? []);
  const operations = new Map<string, OperationNode>();
  for (const [id, { started, ended }] of halves) {
    const known = started ?? ended;
    const operation = known && operationOf(known, ended);
    operations.set(id, { id, operation, events: [], operations: [] });
  }
  if (events.size > 0 && !operations.has(root))
    operations.set(root, { id: root, operation: undefined, events: [], operations: [] });
  return { events, operations };
}
