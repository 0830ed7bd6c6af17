import type { RecordedEvent } from '@pipit/types-registry';
import type { AnySaga } from '../app.ts';
import { errorType } from './attributes.ts';
import { type Instruments, since } from './instruments.ts';
import type { OpenTelemetryApi, Tracing } from './tracing.ts';

type Step = AnySaga['steps'][number];
type ActionStep = Extract<Step, { readonly kind: 'action' }>;
type Context = Parameters<NonNullable<ActionStep['run']>>[0];

/** Each attempt of a step, or of what undoes it, in a span below that of the event which set the saga going. */
export function tracedSagas(
  { SpanKind }: OpenTelemetryApi,
  { tracer, here, within, fail }: Tracing,
  { sagaSteps }: Instruments,
  sagas: readonly AnySaga[],
): readonly AnySaga[] {
  function traced<C extends Context>(
    saga: string,
    step: string,
    action: 'run' | 'compensate',
    work: (context: C) => unknown,
  ): (context: C) => Promise<unknown> {
    const facts = { 'pipit.saga.name': saga, 'pipit.saga.step': step, 'pipit.saga.action': action };
    return async (context) => {
      const { id, attempt, signal } = context;
      const attributes = { ...facts, 'pipit.saga.id': id, 'pipit.saga.attempt': attempt };
      const parent = here();
      const span = tracer.startSpan(
        `${action} ${saga}/${step}`,
        { kind: SpanKind.INTERNAL, attributes },
        parent,
      );
      const begun = performance.now();
      let isOver = false;
      const end = (failure?: { readonly error: unknown }) => {
        if (isOver) return;
        isOver = true;
        signal.removeEventListener('abort', giveUp);
        if (failure) fail(span, failure.error);
        span.end();
        sagaSteps.record(since(begun), {
          ...facts,
          ...(failure && { 'error.type': errorType(failure.error) }),
        });
      };
      const giveUp = () => end({ error: signal.reason });
      signal.addEventListener('abort', giveUp);
      try {
        const result = await within(span, parent, () => work(context));
        end();
        return result;
      } catch (error) {
        end({ error });
        throw error;
      }
    };
  }

  return sagas.map((saga) => ({
    ...saga,
    steps: saga.steps.map((step): Step => {
      if (step.kind === 'wait') return step;
      const { run, compensate } = step;
      return {
        ...step,
        run: run && traced(saga.name, step.name, 'run', run),
        compensate: compensate && traced(saga.name, step.name, 'compensate', compensate),
      };
    }),
  }));
}

/** Counts what happens to sagas that are kept in the store, by the events that say so. */
export function countTransitions(
  sagas: readonly AnySaga[],
  { sagaTransitions }: Instruments,
): (events: readonly RecordedEvent[]) => void {
  const byType = new Map(sagas.map((saga) => [saga.aggregate.type, saga]));
  return (events) => {
    for (const event of events) {
      const saga = byType.get(event.aggregate.type);
      if (saga === undefined) continue;
      const { kind, status } = saga.aggregate.changeOf(event).change;
      sagaTransitions.add(1, {
        'pipit.saga.name': saga.name,
        'pipit.saga.transition': kind,
        'pipit.saga.state': status,
      });
    }
  };
}
