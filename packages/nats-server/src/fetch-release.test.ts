import { expect, test } from 'vitest';
import { checksumOf } from './fetch-release.ts';

const hex = 'a'.repeat(64);

test('a checksum is found by the whole name of the file', () => {
  const sums = `${'b'.repeat(64)}  x-nats.tar.gz\n${hex.toUpperCase()} *nats.tar.gz\n`;
  expect(checksumOf('nats.tar.gz', sums)).toBe(hex);
});

test('a file that is not listed has no checksum', () => {
  expect(checksumOf('nats.tar.gz', `${hex}  nats.zip\n\nnot a line`)).toBeUndefined();
});
