import { describe, expect, it } from 'vitest';
import { isOperationId } from '../operations/operation-id.ts';
import type { OperationSuite } from './operation-suite.ts';

/** How an operation runs, and what is kept of it. */
export function operationRunContract(suite: OperationSuite): void {
  describe('an operation', () => {
    it('gives back the result of its work', async () => {
      expect(await suite.operations().operation(suite.openAccount, async ({ id }) => isOperationId(id))).toBe(
        true,
      );
      expect(await suite.operations().operation(suite.openAccount, () => 7)).toBe(7);
    });

    it('is on record as running before its work begins, and as succeeded after', async () => {
      const id = await suite
        .operations()
        .operation(
          { ...suite.openAccount, input: { owner: 'ada', limit: [1, null], left: undefined }, user: 'u1' },
          async (context) => {
            const running = (await suite.chainOf(context.id)).operation;
            expect(running).toMatchObject({ state: 'running', endedAt: undefined, error: undefined });
            return context.id;
          },
        );
      const { operation } = await suite.chainOf(id);
      expect(operation).toEqual({
        id,
        ...suite.openAccount,
        input: { owner: 'ada', limit: [1, null] },
        user: 'u1',
        startedAt: expect.any(Date),
        endedAt: expect.any(Date),
        state: 'succeeded',
        error: undefined,
        correlationId: id,
        parentId: undefined,
        instance: 'here',
      });
    });

    it('that fails throws what its work threw, and keeps name, message and code', async () => {
      const error = Object.assign(new RangeError('too much'), { code: 'TOO_MUCH' });
      const work = suite.operations().operation(suite.openAccount, async () => {
        throw error;
      });
      await expect(work).rejects.toBe(error);
      const [failed] = await suite.list({ state: 'failed' });
      expect(failed?.error).toEqual({ name: 'RangeError', message: 'too much', code: 'TOO_MUCH' });
    });

    it('keeps whatever was thrown, also what is no error', async () => {
      await expect(suite.operations().operation(suite.openAccount, () => Promise.reject('no'))).rejects.toBe(
        'no',
      );
      const [failed] = await suite.list();
      expect(failed?.error?.message).toContain("'no'");
    });

    it('takes any name, input and user', async () => {
      const name = 'pay.* > 🚀 "now"';
      const input = { 'ключ 🚀': '\ud83d\ude80\n', __proto: [{}] };
      await suite.operations().operation({ kind: 'webhook', name, input, user: { id: 7 } }, () => {});
      expect(await suite.list({ name })).toMatchObject([{ name, input, user: { id: 7 } }]);
    });

    it('hands its signal to its work, and does not begin where that has aborted', async () => {
      const controller = new AbortController();
      await suite
        .operations()
        .operation({ ...suite.openAccount, signal: controller.signal }, ({ signal }) => {
          expect(signal).toBe(controller.signal);
        });
      controller.abort(new Error('stop'));
      const work = suite
        .operations()
        .operation({ ...suite.openAccount, signal: controller.signal }, () => {});
      await expect(work).rejects.toThrow('stop');
      expect(await suite.list()).toHaveLength(1);
    });

    it.each([
      ['kind', { kind: 'cron' as never, name: 'n' }],
      ['name', { kind: 'command', name: '' }],
      ['name', { kind: 'command', name: 'n'.repeat(129) }],
      ['input', { kind: 'command', name: 'n', input: { at: new Date() } as never }],
      ['input', { kind: 'command', name: 'n', input: { big: 1n } as never }],
      ['input', { kind: 'command', name: 'n', input: [Number.NaN] }],
      ['input', { kind: 'command', name: 'n', input: 'x'.repeat(65_535) }],
      ['user', { kind: 'command', name: 'n', user: { toJSON: () => 'x' } as never }],
      ['timeout', { kind: 'command', name: 'n', timeout: 0 }],
      ['unrecorded', { kind: 'command', name: 'n', unrecorded: 'maybe' as never }],
    ] as const)('with a wrong %s is refused, and not run', async (option, options) => {
      let ran = false;
      const work = suite.operations().operation(options, () => {
        ran = true;
      });
      await expect(work).rejects.toMatchObject({ code: 'INVALID_OPERATION', option });
      expect(ran).toBe(false);
      expect(await suite.list()).toEqual([]);
    });

    it('is refused once they are closed', async () => {
      await suite.operations().close();
      await expect(suite.operations().operation(suite.openAccount, () => {})).rejects.toMatchObject({
        code: 'OPERATIONS_CLOSED',
      });
    });
  });

  it('leaves no record of what is in no operation, and cannot be made to throw', async () => {
    suite.append('e1');
    const { recorder } = suite.operations();
    const id = await suite.operations().operation(suite.openAccount, ({ id }) => id);
    recorder.appended([{ id: 'broken', correlationId: id } as never]);
    recorder.handled({ event: { correlationId: id } } as never);
    expect(await suite.shape(id)).toEqual(['open-account']);
  });
}
