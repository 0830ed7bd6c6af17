import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeAnswer, encodeAnswer, InvalidAnswerError } from './answer.ts';
import { messagePack } from './codec.ts';
import { defineCommand, defineQuery } from './define-message.ts';

const Rename = defineCommand('rename', z.object({ title: z.string() }));
const Find = defineQuery('find', z.object({ id: z.string() }), z.object({ title: z.string() }).optional());
const Count = defineQuery('count', z.object({}), z.number(), { codec: messagePack });

describe('an answer', () => {
  it('is read as it was given, in the codec of its definition', () => {
    expect(decodeAnswer(Find, encodeAnswer(Find, { title: 'Hello' }))).toEqual({ title: 'Hello' });
    const encoded = encodeAnswer(Count, 7);
    expect(encoded?.contentType).toBe(messagePack.contentType);
    expect(decodeAnswer(Count, encoded)).toBe(7);
  });

  it('of nothing is undefined where the schema takes that', () => {
    expect(encodeAnswer(Find, undefined)).toBeUndefined();
    expect(decodeAnswer(Find, undefined)).toBeUndefined();
  });

  it('to a command without a result is undefined, whatever the handler returns', () => {
    expect(encodeAnswer(Rename, { any: 'thing' })).toBeUndefined();
    expect(
      decodeAnswer(Rename, {
        contentType: 'application/json',
        schemaVersion: 1,
        bytes: Buffer.from('{"a":1}'),
      }),
    ).toBeUndefined();
  });

  it.each([
    ['another type', 'seven', 'write'],
    ['nothing where something is due', undefined, 'write'],
  ])('that is %s is refused when it is written', (_, answer, phase) => {
    const encode = () => encodeAnswer(Count, answer);
    expect(encode).toThrow(InvalidAnswerError);
    expect(encode).toThrow(expect.objectContaining({ code: 'INVALID_ANSWER', type: 'count', phase }));
  });

  it('that would be changed on its way is refused when it is written', () => {
    const Any = defineQuery('any', z.object({}), z.any());
    expect(() => encodeAnswer(Any, { at: Number.NaN })).toThrow(
      expect.objectContaining({ phase: 'read-back', issues: [expect.objectContaining({ path: ['at'] })] }),
    );
  });

  it.each([
    ['of another schema', 'application/json', '"seven"'],
    ['that is cut off', 'application/json', '{"a'],
    ['in an unknown codec', 'application/x-unknown', ''],
  ])('%s is refused when it is read', (_, contentType, text) => {
    const decode = () => decodeAnswer(Count, { contentType, schemaVersion: 1, bytes: Buffer.from(text) });
    expect(decode).toThrow(InvalidAnswerError);
    expect(decode).toThrow(expect.objectContaining({ phase: 'read', issues: [expect.anything()] }));
  });

  it('that is missing is refused when it is read', () => {
    expect(() => decodeAnswer(Count, undefined)).toThrow(InvalidAnswerError);
  });
});
