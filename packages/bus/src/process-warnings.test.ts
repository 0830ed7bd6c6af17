import { expect, it, vi } from 'vitest';
import { processWarnings } from './process-warnings.ts';

it('says warnings and errors as process warnings, and keeps information to itself', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const err = new Error('boom');
  processWarnings.info({}, 'an event was handled');
  processWarnings.warn({}, 'a server is slow');
  processWarnings.error({ err }, 'a handler failed');
  expect(emit.mock.calls).toEqual([
    ['a server is slow', { type: 'PipitWarning', code: 'PIPIT_BUS' }],
    ['a handler failed', { type: 'PipitWarning', code: 'PIPIT_BUS', detail: err.stack }],
  ]);
  emit.mockRestore();
});
