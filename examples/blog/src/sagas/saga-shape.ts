import type { HistoryEntry, SagaDetails, SagaSummary, WaitingFor } from '@pipit/saga';
import { z } from 'zod';

const time = z.iso.datetime();

export const sagaState = z.enum([
  'running',
  'completed',
  'compensating',
  'compensated',
  'needs-attention',
  'abandoned',
]);

const error = z.object({ name: z.string(), message: z.string(), code: z.string().optional() });

const waiting = z.object({
  step: z.string(),
  event: z.string().optional().describe('The type of event; absent where it is only a time'),
  until: time.optional().describe('When the time is up, or the next attempt is made'),
  attempt: z.int().optional().describe('The attempt that is made then'),
});

const entry = z.object({
  at: time,
  what: z.string().describe('Such as `step-succeeded`'),
  state: sagaState.describe('What it left the saga in'),
  step: z.string().optional(),
  attempt: z.int().optional(),
  reason: z.string().optional().describe('Of a failure: what kind it is'),
  error: error.optional(),
  retryAt: time.optional().describe('Of a failure that is not the last one'),
  rollback: z.array(z.string()).readonly().optional().describe('The steps that are undone, in this order'),
  event: z.string().optional().describe('The type of event that came, or is waited for'),
  until: time.optional(),
  action: z.string().optional().describe('What a person has decided'),
  by: z.string().optional(),
});

export const sagaSummary = z.object({
  id: z.string(),
  name: z.string(),
  state: sagaState,
  changedAt: time,
  waitingFor: waiting.optional(),
});

export const sagaDetails = sagaSummary.extend({
  startedAt: time,
  history: z.array(entry).describe('Oldest first'),
});

/** A saga as callers see it. */
export function summaryOf({
  id,
  name,
  state,
  changedAt,
  waitingFor,
}: SagaSummary): z.output<typeof sagaSummary> {
  const waits = waitingFor && { waitingFor: waitingOf(waitingFor) };
  return { id, name, state, changedAt: changedAt.toISOString(), ...waits };
}

export function detailsOf(saga: SagaDetails): z.output<typeof sagaDetails> {
  const { startedAt, history } = saga;
  return { ...summaryOf(saga), startedAt: startedAt.toISOString(), history: history.map(entryOf) };
}

function waitingOf({ until, ...rest }: WaitingFor): z.output<typeof waiting> {
  return { ...rest, ...(until && { until: until.toISOString() }) };
}

/** The answer leaves out what its schema does not name: what was put in and what came of it. */
function entryOf(one: HistoryEntry): z.output<typeof entry> {
  return { ...one, at: one.at.toISOString() };
}
