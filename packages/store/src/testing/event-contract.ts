import { InvalidSubjectTokenError, withTrace } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { Account, Note, Noted, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function eventContract(store: StoreOfTest): void {
  describe('what happens to an event', () => {
    it('is inherited from the trace it is appended in, also after an await', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await withTrace({ correlationId: 'chain', causationId: 'cause', traceparent }, async () => {
        await store().position();
        await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      });
      await store().append(Account, 'b', Opened.create({ owner: 'bob' }));
      const [inside, outside] = await Array.fromAsync(store().read());
      expect(inside).toMatchObject({ correlationId: 'chain', causationId: 'cause', traceparent });
      expect(outside).toMatchObject({
        correlationId: outside?.id,
        causationId: undefined,
        traceparent: undefined,
      });
    });

    it('keeps odd ids apart and gives them back as they were', async () => {
      const ids = [
        'a.b',
        'a=2Eb',
        'a b',
        '*',
        '>',
        'a/b',
        '🐦',
        '\u0000\n',
        '__proto__',
        'constructor',
        'é',
        'e\u0301',
        '%',
        '=',
      ];
      for (const id of ids) await store().append(Note, id, Noted.create({ text: id }), { expected: 'none' });
      for (const id of ids)
        expect(await store().load(Note, id)).toMatchObject({ revision: 1, state: { text: id } });
      expect((await Array.fromAsync(store().read())).map((event) => event.aggregate.id)).toEqual(ids);
    });

    it('refuses ids that no subject can hold', async () => {
      for (const id of ['', 'x'.repeat(10_000), '\ud800']) {
        await expect(store().append(Note, id, Noted.create({ text: '' }))).rejects.toThrow(
          InvalidSubjectTokenError,
        );
        await expect(store().load(Note, id)).rejects.toThrow(InvalidSubjectTokenError);
        await expect(store().execute(Note, id, () => [])).rejects.toThrow(InvalidSubjectTokenError);
      }
      expect(await store().position()).toBe(0);
    });

    it('carries payloads and metadata with odd keys and text', async () => {
      const more = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"ключ":"значение"}') as Record<
        string,
        unknown
      >;
      const metadata = JSON.parse(
        '{"__proto__":"x","revision":7,"line\\nbreak":"a\\r\\nce-id: forged","userid":"ü \\"%"}',
      );
      await store().append(Note, 'n', Noted.create({ text: '🐦\u2028\u0000' }, { metadata }));
      await store().append(Note, 'n', Noted.create({ text: 'x', more }));
      const [first, second] = await Array.fromAsync(store().read());
      expect(first?.data).toEqual({ text: '🐦\u2028\u0000' });
      expect(JSON.stringify(first?.metadata)).toContain('forged');
      expect(Object.keys(first?.metadata ?? {}).toSorted()).toEqual(Object.keys(metadata).toSorted());
      expect(second?.revision).toBe(2);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });
  });
}
