import { describe, expect, it } from 'vitest';
import { memoryRepository } from './memory-repository.ts';

interface Row {
  name: string;
  tags: string[];
}

describe('rows in memory', () => {
  it('cannot be changed by who gets them or gave them, however deep', async () => {
    const repository = memoryRepository<Row>();
    const given = { name: 'Ada', tags: ['a'] };
    await repository.save('ada', given);
    const row = await repository.get('ada');
    expect(() => row?.tags.push('b')).toThrow(TypeError);
    expect(() => given.tags.push('b')).toThrow(TypeError);
    expect(await repository.find()).toEqual([{ name: 'Ada', tags: ['a'] }]);
  });

  it('cannot be changed below a row that was frozen on its surface', async () => {
    const repository = memoryRepository<Row>();
    await repository.save('ada', Object.freeze({ name: 'Ada', tags: ['a'] }));
    const row = await repository.get('ada');
    expect(() => row?.tags.push('b')).toThrow(TypeError);
  });

  it('cannot be changed through dates, maps, sets and bytes', async () => {
    const make = () => ({
      at: new Date(5),
      bytes: Buffer.from('a'),
      list: [{ seen: new Map([['a', new Set([1])]]) }],
    });
    const repository = memoryRepository<ReturnType<typeof make>>();
    const given = make();
    await repository.save('a', given);
    const kept = await repository.get('a');
    for (const row of [given, kept, ...(await repository.find())]) {
      row?.at.setTime(9);
      row?.bytes.fill(0);
      row?.list[0]?.seen.get('a')?.add(2);
    }
    expect(await repository.get('a')).toEqual({ ...make(), bytes: new Uint8Array([97]) });
  });

  it('are handed out without a copy where they can be frozen', async () => {
    const repository = memoryRepository<{ readonly at: Date; readonly tags: readonly string[] }>();
    const tags = ['a'];
    await repository.save('a', { at: new Date(5), tags });
    expect((await repository.get('a'))?.tags).toBe(tags);
  });

  it('may have fields and keys of any name', async () => {
    const repository = memoryRepository<object>();
    const row = { ...JSON.parse('{"__proto__": {"admin": true}}'), at: new Date(5) } as object;
    await repository.save('__proto__', row);
    const found = await repository.get('__proto__');
    expect(Object.keys(found ?? {})).toEqual(['__proto__', 'at']);
    expect(found).not.toHaveProperty('admin');
    expect(await repository.get('constructor')).toBeUndefined();
  });

  it('are found by their fields, in the order of their keys', async () => {
    const repository = memoryRepository<{ readonly name: string; readonly age?: number }>();
    await repository.save('b', { name: 'Bob' });
    await repository.save('a', { name: 'Ada', age: 36 });
    await repository.save('b', { name: 'Bob', age: 36 });
    expect(await repository.find({ age: 36 })).toEqual([
      { name: 'Ada', age: 36 },
      { name: 'Bob', age: 36 },
    ]);
    expect(await repository.find({ age: 36, name: 'Ada' })).toHaveLength(1);
    expect(await repository.find({ name: 'Eve' })).toEqual([]);
  });

  it('are gone when deleted', async () => {
    const repository = memoryRepository<number>();
    for (const key of ['a', 'b', 'c']) await repository.save(key, 1);
    await repository.delete('a');
    await repository.delete('nobody');
    expect(await repository.find()).toHaveLength(2);
  });
});
