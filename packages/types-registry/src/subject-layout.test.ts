import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidSubjectTokenError } from './envelope-errors.ts';
import { subjectLayouts } from './subject-layout.ts';

const layouts = Object.values(subjectLayouts);
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 10 })
  .filter((value) => value.isWellFormed());
const post = { type: 'post', id: 'p.1' };

test('layout aggregate has one literal subject per aggregate', () => {
  const { aggregate } = subjectLayouts;
  expect(aggregate.streamSubject('blog')).toBe('blog.*.*');
  expect(aggregate.subject('blog', post, 'renamed')).toBe('blog.post.p=2E1');
  expect(aggregate.aggregateFilter('blog', post)).toBe('blog.post.p=2E1');
  expect(aggregate.typeFilter('blog', 'post')).toBe('blog.post.*');
});

test('layout event puts the event type last, and filters an aggregate by one wildcard', () => {
  const { event } = subjectLayouts;
  expect(event.streamSubject('blog')).toBe('blog.*.*.*');
  expect(event.subject('blog', post, 'post renamed')).toBe('blog.post.p=2E1.post=20renamed');
  expect(event.aggregateFilter('blog', post)).toBe('blog.post.p=2E1.*');
  expect(event.typeFilter('blog', 'post')).toBe('blog.post.*.*');
});

test.each(layouts)('layout $name reads every aggregate back from its subject', (layout) => {
  fc.assert(
    fc.property(text, text, text, (type, id, eventType) => {
      const subject = layout.subject('blog', { type, id }, eventType);
      expect(layout.aggregateOf(subject)).toEqual({ type, id });
    }),
  );
});

test.each(layouts)('layout $name lets no name or id become a wildcard or another token', (layout) => {
  const tokens = layout.name === 'aggregate' ? 3 : 4;
  fc.assert(
    fc.property(text, text, text, (type, id, eventType) => {
      expect(layout.subject('blog', { type, id }, eventType)).toMatch(
        new RegExp(`^[A-Za-z0-9_=-]+(?:\\.[A-Za-z0-9_=-]+){${tokens - 1}}$`),
      );
      const wildcards = /^blog\.[A-Za-z0-9_=-]+(?:\.\*){1,2}$/;
      expect(layout.typeFilter('blog', type)).toMatch(wildcards);
    }),
  );
});

test.each(layouts)('layout $name refuses a store name that would change its subjects', (layout) => {
  for (const store of ['', '*', '>', 'a.b', 'a b', '_INBOX']) {
    expect(() => layout.streamSubject(store)).toThrow(InvalidSubjectTokenError);
    expect(() => layout.subject(store, post, 'renamed')).toThrow(InvalidSubjectTokenError);
    expect(() => layout.aggregateFilter(store, post)).toThrow(InvalidSubjectTokenError);
    expect(() => layout.typeFilter(store, 'post')).toThrow(InvalidSubjectTokenError);
  }
});

test.each([
  ['aggregate', 'blog.post'],
  ['aggregate', 'blog.post.p1.renamed'],
  ['aggregate', 'blog.post.*'],
  ['aggregate', 'blog..p1'],
  ['event', 'blog.post.p1'],
  ['event', 'blog.post.p1.renamed.x'],
] as const)('layout %s refuses %s, a subject it does not write', (name, subject) => {
  expect(() => subjectLayouts[name].aggregateOf(subject)).toThrow(InvalidSubjectTokenError);
});
