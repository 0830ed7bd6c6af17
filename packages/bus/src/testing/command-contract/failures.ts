import {
  InvalidAnswerError,
  InvalidPayloadError,
  PayloadTooLargeError,
  PipitError,
} from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import {
  AlreadyHandledError,
  InvalidCommandOptionError,
  NoHandlerError,
  RemoteError,
} from '../../command-errors.ts';
import { Find, Rename, renameOfOtherRelease, Touch } from '../command-definitions.ts';
import type { CommandsOfTest } from './opened.ts';

class Conflict extends PipitError {
  readonly code = 'CONFLICT';
  readonly expected = 1;
  readonly actual = 2;
  readonly aggregate = { type: 'post', id: 'p1' };
  readonly log = () => 'no JSON';
  readonly big = 1n;
}

const rename = { id: 'p1', title: 'Hello' };

export function failureContract(test: CommandsOfTest): void {
  describe('what is sent where nobody handles it', () => {
    it('fails at once, by name', async () => {
      const { commands } = test();
      const before = performance.now();
      const sent = commands.send(Touch, { id: 'p1' }, { timeout: 60_000 });
      await expect(sent).rejects.toThrow(NoHandlerError);
      await expect(sent).rejects.toMatchObject({ code: 'NO_HANDLER', kind: 'command', type: 'touch' });
      expect(performance.now() - before).toBeLessThan(10_000);
    });

    it('is not handled by a query of its name, or after its handler has stopped', async () => {
      const { commands } = test();
      const handling = commands.handle(Find, () => undefined);
      await handling.ready;
      await handling.stop();
      await expect(commands.send(Find, { id: 'p1' })).rejects.toThrow(NoHandlerError);
    });
  });

  describe("a handler's error", () => {
    it('reaches the sender with code, name, message and facts, and without a stack', async () => {
      const { commands, log } = test();
      await commands.handle(Rename, () => {
        throw new Conflict('post p1 is at 2', { cause: new Error('secret') });
      }).ready;
      const error = await commands.send(Rename, rename).catch((reason) => reason);
      expect(error).toBeInstanceOf(RemoteError);
      expect(error).toMatchObject({
        code: 'CONFLICT',
        kind: 'command',
        type: 'rename',
        remoteName: 'Conflict',
        remoteMessage: 'post p1 is at 2',
        refused: false,
      });
      expect(error.facts).toEqual({ expected: 1, actual: 2, aggregate: { type: 'post', id: 'p1' } });
      expect(error.message).toBe('Command rename failed where it is handled: Conflict: post p1 is at 2');
      expect(JSON.stringify([error, error.stack])).not.toContain('failures.ts:12');
      expect(log).toContain('error Command rename failed: post p1 is at 2');
    });

    it.each<[string, () => unknown, object]>([
      [
        'thrown after a while',
        async () => Promise.reject(new RangeError('late')),
        { remoteName: 'RangeError' },
      ],
      [
        'that is no Error',
        () => Promise.reject('boom'),
        { remoteMessage: "not an Error was thrown: 'boom'" },
      ],
      ['that is undefined', () => Promise.reject(), { remoteMessage: 'not an Error was thrown: undefined' }],
      [
        'with a code of its own',
        () => Promise.reject(Object.assign(new Error(), { code: 'E1' })),
        { code: 'E1' },
      ],
      [
        'with a number for a code',
        () => Promise.reject(Object.assign(new Error(), { code: 7 })),
        { code: '7' },
      ],
      ['of an aborted signal', () => AbortSignal.abort().throwIfAborted(), { remoteName: 'AbortError' }],
      [
        'that cannot be looked at',
        () => Promise.reject(unreadable()),
        { remoteName: 'Error', remoteMessage: '' },
      ],
      ['that is huge', () => Promise.reject(huge()), { remoteName: 'Error', facts: { small: 1 } }],
    ])('%s reaches the sender', async (_, handler, expected) => {
      const { commands } = test();
      await commands.handle(Touch, handler).ready;
      const error = await commands.send(Touch, { id: 'p1' }).catch((reason) => reason);
      expect(error).toBeInstanceOf(RemoteError);
      expect(error).toMatchObject({ code: 'REMOTE_ERROR', ...expected });
    });

    it('harms no other request', async () => {
      const { commands } = test();
      await commands.handle(Find, ({ data }) => {
        if (data.id === 'bad') throw new Error('bad');
        return undefined;
      }).ready;
      const sent = ['bad', 'good', 'bad', 'good'].map((id) => commands.send(Find, { id }));
      const states = (await Promise.allSettled(sent)).map(({ status }) => status);
      expect(states).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    });
  });

  describe('what does not fit its schema', () => {
    it('is not sent', async () => {
      const { commands } = test();
      let calls = 0;
      await commands.handle(Rename, () => ({ revision: ++calls })).ready;
      const sent = commands.send(Rename, { id: 'p1', title: 5 as never });
      await expect(sent).rejects.toThrow(InvalidPayloadError);
      await expect(sent).rejects.toMatchObject({ phase: 'write', issues: [{ path: ['title'] }] });
      expect(calls).toBe(0);
    });

    it('is refused where it is handled, when the sender is of another release', async () => {
      const { commands, log } = test();
      let calls = 0;
      await commands.handle(Rename, () => ({ revision: ++calls })).ready;
      const error = await commands.send(renameOfOtherRelease, { id: 'p1' }).catch((reason) => reason);
      expect(error).toBeInstanceOf(RemoteError);
      expect(error).toMatchObject({
        code: 'INVALID_PAYLOAD',
        remoteName: 'InvalidPayloadError',
        refused: true,
      });
      expect(error.facts).toMatchObject({ phase: 'read', issues: [{ path: ['title'] }] });
      expect(calls).toBe(0);
      expect(log.filter((line) => line.startsWith('warn Command rename was refused'))).toHaveLength(1);
    });

    it('is not answered: the handler is told in the log, the sender by code', async () => {
      const { commands, log } = test();
      await commands.handle(Rename, () => ({ revision: 'two' }) as never).ready;
      const error = await commands.send(Rename, rename).catch((reason) => reason);
      expect(error).toMatchObject({ code: 'INVALID_ANSWER', facts: { phase: 'write' } });
      expect(log.filter((line) => line.startsWith('error Command rename failed: The answer'))).toHaveLength(
        1,
      );
    });

    it('is not taken for an answer, when the handler is of another release', async () => {
      const { commands } = test();
      await commands.handle(renameOfOtherRelease, () => ({ version: '1' })).ready;
      const sent = commands.send(Rename, rename);
      await expect(sent).rejects.toThrow(InvalidAnswerError);
      await expect(sent).rejects.toMatchObject({ code: 'INVALID_ANSWER', phase: 'read' });
    });
  });

  describe('what is too big', () => {
    it('is not sent', async () => {
      const { commands, maxPayload } = test();
      await commands.handle(Rename, () => ({ revision: 1 })).ready;
      const sent = commands.send(Rename, { id: 'p1', title: 'x'.repeat(maxPayload) });
      await expect(sent).rejects.toThrow(PayloadTooLargeError);
      await expect(sent).rejects.toMatchObject({ part: 'request', type: 'rename', limit: maxPayload });
      await expect(sent).rejects.toMatchObject({
        stack: expect.stringMatching(/^\S+: Command rename takes \d+ bytes/),
      });
    });

    it('is not answered, and the sender is told so', async () => {
      const { commands, maxPayload } = test();
      await commands.handle(Find, () => ({ title: 'x'.repeat(maxPayload) })).ready;
      const error = await commands.send(Find, { id: 'p1' }).catch((reason) => reason);
      expect(error).toBeInstanceOf(RemoteError);
      expect(error).toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        facts: { part: 'answer', limit: maxPayload },
      });
    });
  });

  describe('what makes no sense', () => {
    it('is refused where it is given', async () => {
      const { commands } = test();
      const handler = () => {};
      expect(() => commands.handle({ kind: 'event', type: 'x' } as never, handler as never)).toThrow(
        InvalidCommandOptionError,
      );
      expect(() => commands.handle(Touch, undefined as never)).toThrow(InvalidCommandOptionError);
      for (const options of [
        { concurrency: 0 },
        { concurrency: 1.5 },
        { waiting: -1 },
        { signal: {} as never },
      ]) {
        expect(() => commands.handle(Touch, handler, options)).toThrow(InvalidCommandOptionError);
      }
      for (const options of [{ timeout: 0 }, { timeout: Number.NaN }, { signal: 'now' as never }]) {
        await expect(commands.send(Touch, { id: 'p1' }, options)).rejects.toThrow(InvalidCommandOptionError);
      }
      await expect(commands.send(undefined as never, {} as never)).rejects.toThrow(InvalidCommandOptionError);
    });

    it('is a second handler in one instance, until the first has stopped', async () => {
      const { commands } = test();
      const first = commands.handle(Touch, () => {});
      expect(() => commands.handle(Touch, () => {})).toThrow(AlreadyHandledError);
      await first.stop();
      await commands.handle(Touch, () => {}).ready;
      await commands.send(Touch, { id: 'p1' });
    });
  });
}

function unreadable(): Error {
  const trap = () => {
    throw new Error('no');
  };
  const error = new Error('');
  for (const field of ['code', 'field']) Object.defineProperty(error, field, { get: trap, enumerable: true });
  return error;
}

function huge(): Error {
  return Object.assign(new Error('x'.repeat(2_000_000)), { large: 'y'.repeat(2_000_000), small: 1 });
}
