import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { DomainEvent } from './event.ts';
import { currentTrace, traceAfter, withTrace } from './trace.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('outside of any chain there is no trace', () => {
  expect(currentTrace()).toEqual({});
});

test('a trace follows the work through awaits, and ends with it', async () => {
  const trace = { correlationId: 'c', causationId: 'a', traceparent };
  const seen = await withTrace(trace, async () => {
    await setImmediate();
    return currentTrace();
  });
  expect(seen).toEqual(trace);
  expect(currentTrace()).toEqual({});
});

test('chains beside each other do not mix', async () => {
  const chain = (correlationId: string) =>
    withTrace({ correlationId }, async () => {
      await setImmediate();
      return currentTrace().correlationId;
    });
  expect(await Promise.all(['a', 'b', 'c'].map(chain))).toEqual(['a', 'b', 'c']);
});

test('an inner trace replaces the outer one as a whole', () => {
  const seen = withTrace({ correlationId: 'outer', causationId: 'x' }, () =>
    withTrace({ correlationId: 'inner' }, currentTrace),
  );
  expect(seen).toEqual({ correlationId: 'inner' });
});

test('what an event leads to has the same correlation and the event as its cause', () => {
  const event: DomainEvent = {
    id: 'e1',
    type: 'post-published',
    aggregate: { type: 'post', id: 'p1' },
    revision: 1,
    schemaVersion: 1,
    time: new Date(0),
    data: {},
    metadata: {},
    correlationId: 'c1',
    causationId: 'e0',
    traceparent: undefined,
  };
  expect(traceAfter(event)).toEqual({ correlationId: 'c1', causationId: 'e1' });
  expect(traceAfter({ ...event, traceparent })).toEqual({
    correlationId: 'c1',
    causationId: 'e1',
    traceparent,
  });
});

test.each([
  traceparent,
  'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes',
])('the traceparent %s is carried on', (valid) => {
  expect(withTrace({ traceparent: valid }, currentTrace)).toEqual({ traceparent: valid });
});

test.each([
  '',
  'x',
  `${traceparent}-more`,
  `${traceparent}\r\nNats-Rollup: all`,
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
  '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x',
])('the malformed traceparent %j is dropped, the rest of the trace is kept', (malformed) => {
  expect(withTrace({ correlationId: 'c', traceparent: malformed }, currentTrace)).toEqual({
    correlationId: 'c',
  });
});

test('two copies of the package share one chain', async () => {
  vi.resetModules();
  const copy = await import('./trace.ts');
  expect(copy.currentTrace).not.toBe(currentTrace);
  expect(withTrace({ correlationId: 'c' }, copy.currentTrace)).toEqual({ correlationId: 'c' });
});
