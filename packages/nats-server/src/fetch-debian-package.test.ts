import { expect, test } from 'vitest';
import { mirrorsOf } from './fetch-debian-package.ts';

test("the archive's own mirror is used, once, and not those of other vendors", () => {
  const targets =
    'Debian http://mirror.example/debian/\nDocker https://docker.example/\nDebian http://mirror.example/debian/\n';
  expect(mirrorsOf(targets, 'Debian')).toEqual(['http://mirror.example/debian/']);
});

test('before apt has fetched anything it does not know origins, and every source is a candidate', () => {
  const targets = '$(ORIGIN) http://mirror.example/debian/\n http://other.example/debian/\n';
  expect(mirrorsOf(targets, 'Debian')).toEqual([
    'http://mirror.example/debian/',
    'http://other.example/debian/',
  ]);
});
