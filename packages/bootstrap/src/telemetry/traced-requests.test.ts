import * as api from '@opentelemetry/api';
import { currentTrace } from '@pipit/types-registry';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listeningLogger } from '../post.fixture.ts';
import { instrument } from './instrument.ts';
import { recordingSdk } from './recording-sdk.fixture.ts';
import type { Telemetry } from './telemetry.ts';

let sdk: ReturnType<typeof recordingSdk>;
let request: Telemetry['request'];

beforeAll(() => {
  sdk = recordingSdk();
  request = instrument(api, { store: 'blog', sagas: [], logger: listeningLogger().logger }).request;
});
beforeEach(() => sdk.clear());
afterAll(() => sdk.stop());

const facts = { method: 'GET', path: '/posts/p1', route: '/posts/:id' } as const;
const traceId = '0af7651916cd43dd8448eb211c80319c';

it('says what was asked and answered, below the span of who asked', async () => {
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const inside = await request({ ...facts, traceparent }, async (answered) => {
    answered(404, new Error('no such post'));
    return currentTrace().traceparent;
  });
  const [span] = sdk.find('GET /posts/:id');
  expect(inside).toBe(`00-${traceId}-${span?.spanContext().spanId}-01`);
  expect(span?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  expect(span?.status.code).toBe(api.SpanStatusCode.UNSET);
  expect(span?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 404,
    'http.route': '/posts/:id',
    'url.path': '/posts/p1',
    'url.scheme': 'http',
  });
});

it('is an error where the server fails, and where it does not answer', async () => {
  await request(facts, async (answered) => answered(503, new RangeError('too many')));
  await request(facts, async (answered) => answered(500));
  await expect(request(facts, () => Promise.reject(new TypeError('gone')))).rejects.toThrow('gone');
  const failed = sdk.find('GET /posts/:id');
  expect(failed.map(({ status }) => status.code)).toEqual(Array(3).fill(api.SpanStatusCode.ERROR));
  expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual([
    'RangeError',
    '500',
    'TypeError',
  ]);
  expect(await sdk.metric('http.server.request.duration')).toMatchObject({
    'GET http /posts/:id 503 RangeError': 1,
    'GET http /posts/:id 500 500': 1,
    'GET http /posts/:id TypeError': 1,
  });
});

it('takes any method and a trace that is none', async () => {
  await request({ method: 'BREW', path: '/tea', traceparent: '00-zz' }, async (answered) => answered(501));
  const [span] = sdk.find('HTTP');
  expect(span?.parentSpanContext).toBeUndefined();
  expect(span?.attributes).toMatchObject({
    'http.request.method': '_OTHER',
    'http.request.method_original': 'BREW',
  });
});

it('makes no second span inside that of an instrumentation of HTTP, but in one that has ended', async () => {
  const tracer = api.trace.getTracer('http');
  await tracer.startActiveSpan('GET', async (outer) => {
    const inside = await request(facts, async () => currentTrace().traceparent);
    expect(inside).toContain(outer.spanContext().spanId);
    expect(sdk.find('GET /posts/:id')).toEqual([]);
    outer.end();
    await request(facts, async (answered) => answered(200));
    expect(sdk.find('GET /posts/:id')).toHaveLength(1);
  });
});
