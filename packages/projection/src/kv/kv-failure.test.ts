import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { expect, it } from 'vitest';
import { InvalidKeyError } from '../repository-errors.ts';
import { kvFailure, mayPass, RowsChangedError, ScanBrokenError } from './kv-failure.ts';

const ofServer = (err_code: number, description: string, code = 503) =>
  new JetStreamApiError({ code, err_code, description });

it.each([
  ['unreachable', new errors.TimeoutError()],
  ['unreachable', new errors.RequestError('no', { cause: new errors.NoRespondersError('a') })],
  ['unreachable', new errors.ClosedConnectionError()],
  ['unreachable', ofServer(10008, 'JetStream system temporarily unavailable')],
  ['unreachable', new ScanBrokenError('no more rows came')],
  ['busy', ofServer(10164, 'wrong last sequence', 400)],
  ['busy', ofServer(10210, 'too many batches', 429)],
  ['busy', new RowsChangedError('posts')],
  ['full', ofServer(10077, 'maximum bytes exceeded')],
  ['full', ofServer(10047, 'insufficient storage resources available')],
  ['forbidden', new errors.PermissionViolationError('no', 'publish', 'a')],
  ['failed', ofServer(10059, 'stream not found', 404)],
  ['failed', ofServer(10077, 'the disk is on fire')],
  ['failed', new Error('something else')],
] as const)('an error is %s where the client says %s', (reason, cause) => {
  expect(kvFailure('posts', cause)).toMatchObject({ code: 'REPOSITORY', view: 'posts', reason, cause });
  expect(mayPass(cause)).toBe(reason === 'unreachable' || reason === 'busy');
});

it('an error of Pipit stays what it is, and is not tried again', () => {
  const error = new InvalidKeyError('posts', '', 'it is empty');
  expect(kvFailure('posts', error)).toBe(error);
  expect(mayPass(error)).toBe(false);
});
