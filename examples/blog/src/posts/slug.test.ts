import { expect, it } from 'vitest';
import { slugOf } from './slug.ts';

it.each([
  ['Hello', 'hello'],
  ['  Hello, World!  ', 'hello-world'],
  ['Zoë’s 2nd Café -- naïve', 'zoe-s-2nd-cafe-naive'],
  ['ﬁrst', 'first'],
  ['*.> 👩‍💻', 'p1'],
  ['鳥', 'p1'],
])('is made of the title %j: %s', (title, slug) => {
  expect(slugOf(title, 'p1')).toBe(slug);
});

it('is lower case letters, digits and dashes, whatever the title', () => {
  const every = String.fromCodePoint(...Array.from({ length: 0xd7ff }, (_, code) => code));
  expect(slugOf(every, 'p1')).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});
