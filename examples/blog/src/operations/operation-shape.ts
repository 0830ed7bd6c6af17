import type { ChainEvent, Operation, OperationChain } from '@pipit/bus';
import { z } from 'zod';

const error = z.object({ name: z.string(), message: z.string(), code: z.string().optional() });

const operation = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string().describe('Method and route'),
  input: z.unknown().optional().describe('The body of the request'),
  state: z.enum(['running', 'succeeded', 'failed']),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  error: error.optional().describe('Of a failed one: why'),
});

const outcome = z.enum(['handled', 'retrying', 'dead-lettered']);

const group = z.object({
  group: z.string(),
  outcome,
  attempts: z.int(),
  failures: z
    .array(z.object({ attempt: z.int(), at: z.iso.datetime(), outcome, error }))
    .describe('Oldest first'),
});

const event = z
  .object({
    id: z.string(),
    type: z.string(),
    aggregate: z.object({ type: z.string(), id: z.string() }),
    time: z.iso.datetime(),
    groups: z.array(group).describe('What each group made of it so far'),
    get events() {
      return z.array(event).describe('What it led to');
    },
  })
  .meta({ id: 'ChainEvent' });

export const chain = z.object({
  operation,
  events: z.array(event).describe('What was appended in it'),
  complete: z.boolean().describe('Whether all of it is shown'),
});

export type Chain = z.output<typeof chain>;

/** A chain as callers see it. The blog runs no operation inside another, so there are only events. */
export function chainOf(opened: Operation, { events, detached, complete }: OperationChain): Chain {
  return { operation: operationOf(opened), events: [...events, ...detached.events].map(eventOf), complete };
}

function operationOf({
  id,
  kind,
  name,
  input,
  state,
  startedAt,
  endedAt,
  error,
}: Operation): Chain['operation'] {
  return {
    id,
    kind,
    name,
    ...(input !== undefined && { input }),
    state,
    startedAt: startedAt.toISOString(),
    ...(endedAt && { endedAt: endedAt.toISOString() }),
    ...(error && { error }),
  };
}

function eventOf({ id, type, aggregate, time, groups, events }: ChainEvent): z.output<typeof event> {
  return {
    id,
    type,
    aggregate,
    time: time.toISOString(),
    groups: groups.map(({ group, outcome, attempts, failures }) => ({
      group,
      outcome,
      attempts,
      failures: failures.map(({ attempt, at, outcome, error }) => ({
        attempt,
        at: at.toISOString(),
        outcome,
        error,
      })),
    })),
    events: events.map(eventOf),
  };
}
