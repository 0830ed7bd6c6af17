import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { guardLogger, processWarnings } from './logger.ts';

const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
afterEach(() => emit.mockClear());

const type = 'PipitWarning';

describe('process warnings', () => {
  it('say what is a warning or an error, with its facts, and keep information to themselves', () => {
    processWarnings.info({ group: 'mail' }, 'an event was handled');
    processWarnings.warn({ group: 'mail' }, 'a server is slow');
    processWarnings.error({ group: 'mail' }, 'a handler failed');
    expect(emit.mock.calls).toEqual([
      ['a server is slow', { type, detail: "{ group: 'mail' }" }],
      ['a handler failed', { type, detail: "{ group: 'mail' }" }],
    ]);
  });

  it('name the reason once, and show an error with all its causes', () => {
    const err = new Error('boom', {
      cause: new Error('one', { cause: new Error('two', { cause: new Error('three') }) }),
    });
    processWarnings.error({ err }, 'a handler failed');
    processWarnings.error({ err }, 'a handler failed: boom');
    for (const [message, options] of emit.mock.calls) {
      expect(message).toBe('a handler failed: boom');
      expect(options).toEqual({ type, detail: expect.stringMatching(/boom.+one.+two.+three/s) });
    }
  });

  it('stand what cannot be shown', () => {
    const broken = {
      [inspect.custom]() {
        throw new Error('cannot be shown');
      },
    };
    const silent = Object.defineProperty(new Error(), 'message', { get: broken[inspect.custom] });
    processWarnings.error({ err: silent, broken }, 'a handler failed');
    expect(emit).toHaveBeenCalledWith('a handler failed', { type, detail: 'the facts cannot be shown' });
  });
});

describe('a guarded logger', () => {
  it('hands on every line, with the logger as `this`', () => {
    const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const guarded = guardLogger(logger);
    for (const level of ['info', 'warn', 'error'] as const) {
      guarded[level]({ level }, 'x');
      expect(logger[level]).toHaveBeenCalledExactlyOnceWith({ level }, 'x');
      expect(logger[level].mock.contexts).toEqual([logger]);
    }
    expect(emit).not.toHaveBeenCalled();
  });

  it('throws nothing, and says as a process warning what its logger could not', () => {
    const fail = () => {
      throw new Error('disk full');
    };
    const guarded = guardLogger({ info: fail, warn: fail, error: fail });
    guarded.info({}, 'live');
    guarded.warn({}, 'slow');
    guarded.error({}, 'failed');
    expect(emit.mock.calls.map(([message]) => message)).toEqual(['slow', 'failed']);
  });
});
