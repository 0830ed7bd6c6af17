import * as api from '@opentelemetry/api';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { guardOf } from './guarded-api.ts';
import { openTracing } from './tracing.ts';

/** A processor or an exporter of somebody's, which runs inside the calls of the SDK. */
const broken: object = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('the exporter is broken');
    },
  },
);

function guardWithLog() {
  const lines: string[] = [];
  const guard = guardOf(api, pino({}, { write: (line: string) => lines.push(line) }));
  return { guard, lines };
}

it.each([
  ['starts no span', broken],
  ['fails at every call of a span', { startSpan: () => broken }],
])('work is done, and the log says it once, where an SDK %s', async (_, tracer) => {
  const { guard, lines } = guardWithLog();
  const getTracer = () => tracer as api.Tracer;
  const trace = Object.assign(Object.create(api.trace) as typeof api.trace, { getTracer });
  const { spanned } = openTracing({ ...api, trace }, guard);
  for (const answer of ['done', 'done again']) {
    const work = async (span: api.Span) => {
      span.setAttribute('a', 1).updateName('b').addEvent('c');
      return answer;
    };
    expect(await spanned('work', {}, api.ROOT_CONTEXT, work)).toBe(answer);
  }
  const failing = spanned('work', {}, api.ROOT_CONTEXT, async () => Promise.reject(new Error('its own')));
  await expect(failing).rejects.toThrow('its own');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('the exporter is broken');
});

it('what cannot be counted fails nothing', () => {
  const { guard } = guardWithLog();
  expect(() => guard.instrument(broken as api.Counter).add(1)).not.toThrow();
});
