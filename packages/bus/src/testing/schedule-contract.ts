import type { StoredMessage } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Schedules } from '../schedules.ts';
import { Mail, MailRequested, mail, topicEvents } from './topic-contract.ts';

export interface OpenedSchedules {
  readonly schedules: Schedules;
  /** What the stream of topics holds by now. */
  messages(): Promise<readonly StoredMessage[]>;
  now(): Date;
  /** Lets time pass, where the implementation owns it; elsewhere it passes by itself while the suite looks. */
  pass(milliseconds: number): void;
  release(): Promise<void>;
}

/** What every implementation of schedules promises. `open` gives a new, empty one each time. Runs under vitest. */
export function scheduleContract(implementation: string, open: () => Promise<OpenedSchedules>): void {
  describe(`${implementation} keeps the promises of schedules`, () => {
    let opened: OpenedSchedules;
    let schedules: Schedules;
    beforeEach(async () => {
      opened = await open();
      schedules = opened.schedules;
    });
    afterEach(async () => {
      schedules.close();
      await opened.release();
    });

    const soon = (milliseconds: number) => new Date(opened.now().getTime() + milliseconds);

    /** A replica may be a moment behind. */
    async function listed(count: number) {
      await expect.poll(() => schedules.list(), { timeout: 5_000, interval: 20 }).toHaveLength(count);
      return schedules.list();
    }

    async function fired(count: number) {
      await expect.poll(() => topicEvents(opened), { timeout: 20_000, interval: 20 }).toHaveLength(count);
      return topicEvents(opened);
    }

    it('fires once at a time, and not before', async () => {
      const when = soon(1_000);
      const event = MailRequested.create(
        { to: 'ada', text: 'Hello' },
        { id: 'e1', metadata: { tenant: 'acme' } },
      );
      await schedules.at('welcome', when, Mail, 'ada', event);
      expect(await opened.messages()).toEqual([]);
      opened.pass(1_000);
      const [welcome] = await fired(1);
      expect(welcome).toMatchObject({
        id: 'e1',
        type: 'mail-requested',
        topic: 'mail',
        key: 'ada',
        time: when,
        data: { to: 'ada', text: 'Hello' },
        metadata: { tenant: 'acme' },
        correlationId: 'e1',
      });
      const [message] = await opened.messages();
      expect(message?.storedAt.getTime()).toBeGreaterThanOrEqual(when.getTime());
      expect(await schedules.get('welcome')).toBeUndefined();
    });

    it('fires at once what is past, also what was long before 1970', async () => {
      await schedules.at('past', soon(-86_400_000), Mail, 'past', mail());
      await schedules.at('ancient', new Date('1066-10-14T09:00:00Z'), Mail, 'ancient', mail());
      opened.pass(1);
      expect((await fired(2)).map(({ key }) => key).toSorted()).toEqual(['ancient', 'past']);
    });

    it('replaces a schedule that is set again', async () => {
      await schedules.at('welcome', soon(3_600_000), Mail, 'first', mail());
      const event = MailRequested.create({ to: 'ada', text: 'Bye' }, { id: 'same' });
      await schedules.at('welcome', soon(60_000), Mail, 'second', event);
      await schedules.at('welcome', soon(600), Mail, 'third', event);
      await listed(1);
      opened.pass(600);
      expect(await fired(1)).toMatchObject([{ key: 'third', id: 'same' }]);
      await listed(0);
    });

    it('fires every so often, each time as an event of its own', async () => {
      await schedules.every('report', 1_000, Mail, 'ada', mail());
      opened.pass(3_000);
      const events = (await fired(3)).slice(0, 3);
      expect(new Set(events.map(({ id }) => id)).size).toBe(3);
      const times = events.map(({ time }) => time.getTime());
      expect(times[2]).toBeGreaterThan((times[0] ?? 0) + 1_500);
      expect((await topicEvents(opened)).slice(0, 3)).toEqual(events);
      for (const { id, correlationId } of events) expect(correlationId).toBe(id);
      expect(await schedules.cancel('report')).toBe(true);
    });

    it('fires when the time matches an expression', async () => {
      await schedules.cron('report', '* * * * * *', Mail, 'ada', mail());
      opened.pass(2_000);
      const [first, second] = await fired(2);
      expect(first?.id).not.toBe(second?.id);
      await schedules.cancel('report');
    });

    it('lets a repeating schedule go on that is set again as it is', async () => {
      const { setAt } = await setReport();
      await expect.poll(() => opened.now().getTime()).toBeGreaterThan(setAt.getTime() + 5);
      expect((await setReport()).setAt).toEqual(setAt);
      await schedules.cron('report', '0 0 9 * * *', Mail, 'ada', mail('another'));
      expect((await schedules.get('report'))?.setAt).not.toEqual(setAt);

      async function setReport() {
        await schedules.cron('report', '0 0 9 * * *', Mail, 'ada', mail());
        opened.pass(10);
        const report = await schedules.get('report');
        if (report === undefined) throw new Error('it is not there');
        return report;
      }
    });

    it('fires nothing that was cancelled', async () => {
      await schedules.at('welcome', soon(700), Mail, 'cancelled', mail());
      await schedules.at('other', soon(900), Mail, 'other', mail());
      expect(await schedules.cancel('welcome')).toBe(true);
      expect(await schedules.cancel('welcome')).toBe(false);
      expect(await schedules.cancel('never')).toBe(false);
      opened.pass(900);
      expect(await fired(1)).toMatchObject([{ key: 'other' }]);
    });

    it('shows what is set', async () => {
      const when = soon(3_600_000);
      const ids = ['a.b', '*', '🐦'];
      for (const id of ids) await schedules.at(id, when, Mail, `key of ${id}`, mail());
      await schedules.every('beat', 60_000, Mail, 'ada', mail());
      await schedules.cron('report', '0  0 9 * * mon-FRI', Mail, 'ada', mail());
      const shown = { topic: 'mail', key: 'ada', type: 'mail-requested', setAt: expect.any(Date) };
      const at = { kind: 'at', at: when };
      const report = await schedules.get('report');
      expect(await listed(5)).toEqual([
        ...ids.map((id) => ({ ...shown, id, key: `key of ${id}`, timing: at, next: when })),
        { ...shown, id: 'beat', timing: { kind: 'every', every: 60_000 }, next: undefined },
        {
          ...shown,
          id: 'report',
          timing: { kind: 'cron', cron: '0 0 9 * * mon-FRI' },
          next: expect.any(Date),
        },
      ]);
      expect(report?.next?.getUTCHours()).toBe(9);
      expect(report?.next?.getTime()).toBeGreaterThan(opened.now().getTime());
      expect(await schedules.get('*')).toMatchObject({ id: '*' });
      expect(await schedules.get('none')).toBeUndefined();
    });

    it('sets nothing of what it refuses', async () => {
      const invalid = { code: 'INVALID_SCHEDULE', id: 'bad' };
      for (const when of [
        new Date(Number.NaN),
        new Date('2300-01-01'),
        '2030-01-01' as never,
        undefined as never,
      ])
        await expect(schedules.at('bad', when, Mail, 'ada', mail())).rejects.toMatchObject(invalid);
      for (const milliseconds of [0, 999, 1_000.5, -1, Number.POSITIVE_INFINITY, '1s' as never])
        await expect(schedules.every('bad', milliseconds, Mail, 'ada', mail())).rejects.toMatchObject(
          invalid,
        );
      const expressions = [
        '',
        'bad',
        '0 9 * * *',
        '0 0 9 * * 7',
        '60 * * * * *',
        '0 0 9 L * *',
        '0 0 0 30 2 *',
      ];
      for (const cron of [
        ...expressions,
        '0 0 9 * * fri#2',
        '0 0 9 ? * *',
        '@every 1s',
        '@at 2030-01-01T00:00:00Z',
      ])
        await expect(schedules.cron('bad', cron, Mail, 'ada', mail())).rejects.toMatchObject(invalid);
      const named = MailRequested.create({ to: 'ada', text: '' }, { id: 'e1' });
      await expect(schedules.every('bad', 1_000, Mail, 'ada', named)).rejects.toMatchObject(invalid);
      const wrong = MailRequested.create({ to: 7, text: '' } as never);
      const at = (id: string, event = mail()) => schedules.at(id, soon(0), Mail, 'ada', event);
      await expect(at('bad', wrong)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
      await expect(at('bad', mail('x'.repeat(1_100_000)))).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
      });
      for (const id of ['', 'x'.repeat(129)]) {
        await expect(at(id)).rejects.toMatchObject({ code: 'INVALID_SUBJECT_TOKEN' });
        await expect(schedules.cancel(id)).rejects.toMatchObject({ code: 'INVALID_SUBJECT_TOKEN' });
        await expect(schedules.get(id)).rejects.toMatchObject({ code: 'INVALID_SUBJECT_TOKEN' });
      }
      expect(await schedules.list()).toEqual([]);
      opened.pass(1_000);
      expect(await opened.messages()).toEqual([]);
    });

    it('takes every form of expression that it names', async () => {
      const forms = [
        '*/15 * * * * *',
        '0 5/10 * * * *',
        '0 0 8-18/2 * * 1-5',
        '0 0 0 1,15 * *',
        '0 0 0 1 jan,JUL sun',
      ];
      for (const cron of [...forms, '0 0 0 29 2 *', '@hourly', '@daily', '@weekly', '@monthly', '@yearly'])
        await schedules.cron(cron, cron, Mail, 'ada', mail());
      for (const { next } of await listed(11))
        expect(next?.getTime()).toBeGreaterThan(opened.now().getTime());
    });

    it('sets nothing once it is closed', async () => {
      schedules.close();
      await expect(schedules.at('late', soon(0), Mail, 'ada', mail())).rejects.toMatchObject({
        code: 'STOPPED',
      });
    });
  });
}
