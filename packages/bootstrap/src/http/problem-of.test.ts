import { errors } from '@nats-io/nats-core';
import { OutcomeUnknownError, RemoteError } from '@pipit/bus';
import { RepositoryError } from '@pipit/projection';
import { ConflictError, KeyTakenError } from '@pipit/store';
import { InvalidPayloadError, InvalidSubjectTokenError, PayloadTooLargeError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { ProblemError } from './problem.ts';
import { problemOf } from './problem-of.ts';

const article = { type: 'article', id: 'a1' };
const asked = { kind: 'command', type: 'restock' } as const;
const write = { isWrite: true, operation: 'op_1' };
const remote = (code: string, facts = {}, how: 'failed' | 'refused' = 'failed') =>
  new RemoteError(asked, { name: 'Error', code, message: 'secret', facts }, how);
const unfit = (kind: 'command' | 'event') =>
  new InvalidPayloadError({
    kind,
    type: 'restock',
    schemaVersion: 1,
    phase: 'write',
    issues: [{ path: ['lines', 0], message: 'is wrong' }],
  });

describe('an error is told as', () => {
  it.each([
    ['a conflict', new ConflictError(article, 1, 2), 409, 'CONFLICT'],
    ['a key that is taken', new KeyTakenError({ name: 'isbn' }, article, article), 409, 'KEY_TAKEN'],
    [
      'nothing with such an id',
      new InvalidSubjectTokenError('id', '', 'is empty'),
      404,
      'INVALID_SUBJECT_TOKEN',
    ],
    ['too large', new PayloadTooLargeError('listed', 9, 8), 413, 'PAYLOAD_TOO_LARGE'],
    ['a database that is away', new RepositoryError('v', 'unreachable', new Error()), 503, 'REPOSITORY'],
    ['a fault here', new RepositoryError('v', 'forbidden', new Error()), 500, 'INTERNAL'],
    ['a payload that does not fit', unfit('command'), 400, 'INVALID_PAYLOAD'],
    ['a server that is away', new errors.NoRespondersError('subject'), 503, 'CONNECTION'],
    ['a fault here where it is an event', unfit('event'), 500, 'INTERNAL'],
    ['what a handler elsewhere met', remote('CONFLICT'), 409, 'CONFLICT'],
    ['a fault there', remote('INVALID_PAYLOAD', { kind: 'command', phase: 'write' }), 500, 'INTERNAL'],
    ['a fault there, of an unknown kind', remote('constructor'), 500, 'INTERNAL'],
    ['a fault here, of an unknown kind', 'thrown text', 500, 'INTERNAL'],
    ['what it says itself', new ProblemError({ status: 402, code: 'PAY', detail: 'Pay.' }), 402, 'PAY'],
  ])('%s', (_, error, status, code) => {
    const problem = problemOf(error, write);
    expect(problem).toMatchObject({ type: 'about:blank', status, code, operation: 'op_1' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('something that may have been done, with the operation to look at', () => {
    const unknown = problemOf(new OutcomeUnknownError(asked, 'connection-lost'), write);
    expect(unknown).toMatchObject({ status: 503, code: 'OUTCOME_UNKNOWN' });
    expect(unknown.detail).toContain('operation op_1');
  });

  it('what the program says of it, before all else', () => {
    const own = { status: 410, code: 'GONE', detail: 'Gone.' };
    const mapper = (error: unknown) => (error instanceof ConflictError ? own : undefined);
    expect(problemOf(new ConflictError(article, 1, 2), write, mapper)).toMatchObject(own);
  });
});

it('of a payload, the fields that are wrong are named', () => {
  expect(problemOf(unfit('command'), write).errors).toEqual([{ field: 'lines.0', message: 'is wrong' }]);
});
