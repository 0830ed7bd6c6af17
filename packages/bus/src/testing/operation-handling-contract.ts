import { currentTrace } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import type { OperationSuite } from './operation-suite.ts';

/** What a chain shows of what groups made of its events. */
export function operationHandlingContract(suite: OperationSuite): void {
  describe('an event in a chain', () => {
    it('says which group handled it, how often it failed, and how it ended', async () => {
      const { id, event } = await suite.operations().operation(suite.openAccount, (context) => ({
        id: context.id,
        event: suite.append('e1'),
      }));
      const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
      const { handled } = suite.operations().recorder;
      const error = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
      handled({ event, group: 'mail', attempt: 1, outcome: 'retrying', error, at: at(1), instance: 'i1' });
      handled({ event, group: 'mail', attempt: 2, outcome: 'handled', at: at(2) });
      handled({ event, group: 'a. *>', attempt: 1, outcome: 'retrying', error, at: at(3) });
      handled({ event, group: 'stats', attempt: 1, outcome: 'retrying', error, at: at(4) });
      handled({ event, group: 'stats', attempt: 2, outcome: 'dead-lettered', error, at: at(5) });
      const facts = { name: 'Error', message: 'away', code: 'ECONNREFUSED' };
      const failure = { instance: 'here', error: facts };
      expect((await suite.chainOf(id)).events[0]?.groups).toEqual([
        {
          group: 'a. *>',
          outcome: 'retrying',
          at: at(3),
          attempts: 1,
          failures: [{ ...failure, attempt: 1, at: at(3), outcome: 'retrying' }],
        },
        {
          group: 'mail',
          outcome: 'handled',
          at: at(2),
          attempts: 2,
          failures: [{ ...failure, instance: 'i1', attempt: 1, at: at(1), outcome: 'retrying' }],
        },
        {
          group: 'stats',
          outcome: 'dead-lettered',
          at: at(5),
          attempts: 2,
          failures: [
            { ...failure, attempt: 1, at: at(4), outcome: 'retrying' },
            { ...failure, attempt: 2, at: at(5), outcome: 'dead-lettered' },
          ],
        },
      ]);
    });

    it('has each thing once, however often it was reported', async () => {
      const id = await suite.operations().operation(suite.openAccount, (context) => {
        const event = suite.append('e1');
        suite.operations().recorder.appended([event, event]);
        for (let time = 0; time < 3; time += 1)
          suite.operations().recorder.handled({
            event,
            group: 'mail',
            attempt: 1,
            outcome: 'retrying',
            error: new Error('away'),
            at: new Date(7),
          });
        return context.id;
      });
      expect(await suite.shape(id)).toEqual(['open-account', '  e1']);
      expect((await suite.chainOf(id)).events[0]?.groups).toMatchObject([{ attempts: 1, failures: [{}] }]);
    });

    it('keeps the history of a dead letter that is redriven', async () => {
      const { id, event } = await suite.operations().operation(suite.openAccount, (context) => ({
        id: context.id,
        event: suite.append('e1'),
      }));
      const { handled } = suite.operations().recorder;
      const error = new Error('away');
      handled({ event, group: 'mail', attempt: 1, outcome: 'dead-lettered', error, at: new Date(1) });
      handled({ event, group: 'mail', attempt: 2, outcome: 'handled', at: new Date(2) });
      expect((await suite.chainOf(id)).events[0]?.groups).toMatchObject([
        { outcome: 'handled', attempts: 2, failures: [{ outcome: 'dead-lettered' }] },
      ]);
    });

    it('has its attempts in their order, also where the clocks of their processes differ', async () => {
      const { id, event } = await suite.operations().operation(suite.openAccount, (context) => ({
        id: context.id,
        event: suite.append('e1'),
      }));
      const { handled } = suite.operations().recorder;
      const error = new Error('away');
      handled({ event, group: 'mail', attempt: 1, outcome: 'retrying', error, at: new Date(9_000) });
      handled({ event, group: 'mail', attempt: 2, outcome: 'dead-lettered', error, at: new Date(5_000) });
      handled({ event, group: 'mail', attempt: 3, outcome: 'handled', at: new Date(1_000) });
      expect((await suite.chainOf(id)).events[0]?.groups).toMatchObject([
        { outcome: 'handled', attempts: 3, failures: [{ attempt: 1 }, { attempt: 2 }] },
      ]);
    });

    it('learns of an event whose append was not reported when a group has handled it', async () => {
      const id = await suite.operations().operation(suite.openAccount, (context) => {
        const { correlationId = '', causationId } = currentTrace();
        const aggregate = { type: 'account', id: 'a1' };
        const event = { id: 'lost', type: 'opened', aggregate, position: 9, correlationId, causationId };
        const handling = { group: 'mail', attempt: 1, outcome: 'handled' } as const;
        suite.operations().recorder.handled({ event: { ...event, time: new Date() }, ...handling });
        return context.id;
      });
      expect(await suite.shape(id)).toEqual(['open-account', '  lost']);
    });
  });
}
