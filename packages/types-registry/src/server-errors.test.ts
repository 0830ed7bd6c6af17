import { expect, test } from 'vitest';
import { PipitError } from './pipit-error.ts';
import {
  ConnectionError,
  PayloadTooLargeError,
  StreamMismatchError,
  TimeoutError,
  UnsupportedServerError,
} from './server-errors.ts';

const cause = new Error('refused');

test.each<[PipitError, string, object, string]>([
  [
    new ConnectionError('unreachable', ['nats://a:4222'], 'Nothing answers at nats://a:4222.', cause),
    'CONNECTION',
    { reason: 'unreachable', servers: ['nats://a:4222'], cause },
    'Nothing answers at nats://a:4222.',
  ],
  [
    new UnsupportedServerError('2.10.27', ['atomic batches', 'message TTL']),
    'UNSUPPORTED_SERVER',
    { version: '2.10.27', missing: ['atomic batches', 'message TTL'] },
    'nats-server 2.10.27 does not offer atomic batches, message TTL. Pipit needs nats-server 2.12 or newer',
  ],
  [
    new StreamMismatchError('blog', [{ setting: 'storage', expected: 'file', actual: 'memory' }]),
    'STREAM_MISMATCH',
    { stream: 'blog', differences: [{ setting: 'storage', expected: 'file', actual: 'memory' }] },
    'Stream blog exists with other settings: storage is "memory", expected "file". Nothing was changed.',
  ],
  [
    new PayloadTooLargeError('post-published', 2_000_000, 1_048_576),
    'PAYLOAD_TOO_LARGE',
    { type: 'post-published', size: 2_000_000, limit: 1_048_576 },
    'Event post-published takes 2000000 bytes with its headers, the limit is 1048576.',
  ],
  [
    new TimeoutError({
      operation: 'Append to post p1',
      timeout: 500,
      advice: 'Read the tail.',
      cause,
    }),
    'TIMEOUT',
    { operation: 'Append to post p1', timeout: 500, cause },
    'Append to post p1 did not finish within 500 ms. Read the tail.',
  ],
])(
  'an error has a code to branch on, its facts as fields, and what to do in its message',
  (error, code, facts, message) => {
    expect(error).toBeInstanceOf(PipitError);
    expect(error).toMatchObject({ code, name: error.constructor.name, ...facts });
    expect(error.message).toContain(message);
  },
);
