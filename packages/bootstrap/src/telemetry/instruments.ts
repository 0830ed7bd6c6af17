import type { Guard } from './guarded-api.ts';
import type { OpenTelemetryApi } from './tracing.ts';

/** Seconds, as the conventions for messaging and HTTP advise. */
const durations = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Seconds up to a day, since what is late may be very late. */
const delays = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 86_400];

export type Instruments = ReturnType<typeof openInstruments>;

/** Everything that is counted and measured. Attributes hold no ids: they are kept in memory for each combination. */
export function openInstruments({ metrics }: OpenTelemetryApi, guard: Guard) {
  const meter = metrics.getMeter('@pipit/bootstrap');
  const counter = (name: string, unit: string, description: string) =>
    guard.instrument(meter.createCounter(name, { unit, description }));
  const seconds = (name: string, description: string, boundaries = durations) =>
    guard.instrument(
      meter.createHistogram(name, {
        unit: 's',
        description,
        advice: { explicitBucketBoundaries: boundaries },
      }),
    );
  return {
    meter,
    sent: counter('messaging.client.sent.messages', '{message}', 'Events that were written or tried to be.'),
    operations: seconds('messaging.client.operation.duration', 'How long appends and requests took.'),
    consumed: counter('messaging.client.consumed.messages', '{message}', 'Events that handlers were given.'),
    handling: seconds('messaging.process.duration', 'How long handlers and batches of projections took.'),
    delay: seconds('pipit.delivery.delay', 'Age of events when their handlers begin.', delays),
    conflicts: counter('pipit.append.conflicts', '{conflict}', 'Appends that another writer came before.'),
    attempts: counter('pipit.delivery.attempts', '{attempt}', 'Attempts of groups, by what came of them.'),
    deadLetters: counter('pipit.dead_letters', '{event}', 'Events that a group has given up.'),
    sagaTransitions: counter('pipit.saga.transitions', '{transition}', 'What happened to sagas.'),
    sagaSteps: seconds('pipit.saga.step.duration', 'How long attempts of steps and compensations took.'),
    requests: seconds('http.server.request.duration', 'How long requests took.'),
    lag: meter.createObservableGauge('pipit.projection.lag', {
      unit: '{position}',
      description: 'Positions of the log that the rows do not show.',
    }),
    age: meter.createObservableGauge('pipit.projection.lag.age', {
      unit: 's',
      description: 'Age of the oldest event that the rows do not show.',
    }),
    groupLag: meter.createObservableGauge('pipit.group.lag', {
      unit: '{event}',
      description: 'Events that a group has not come to the end of.',
    }),
  };
}

/** Seconds since a moment of `performance.now()`. */
export function since(begun: number): number {
  return (performance.now() - begun) / 1_000;
}
