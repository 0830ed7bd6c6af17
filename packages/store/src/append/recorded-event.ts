import type { AggregateRef, EventDraft, RecordedEvent } from '@pipit/types-registry';

export interface EventPlace {
  readonly store: string;
  readonly aggregate: AggregateRef;
  readonly revision: number;
  readonly position: number;
}

/** An event as readers will get it, without reading it back. */
export function recordedEvent(
  draft: EventDraft & { readonly data: unknown },
  { store, aggregate, revision, position }: EventPlace,
): RecordedEvent {
  const { id, type, time, data, metadata, payload } = draft;
  return {
    id,
    type,
    time,
    data,
    metadata,
    aggregate,
    schemaVersion: payload.schemaVersion,
    correlationId: draft.correlationId ?? id,
    causationId: draft.causationId,
    traceparent: draft.traceparent,
    revision,
    position,
    store,
  };
}
