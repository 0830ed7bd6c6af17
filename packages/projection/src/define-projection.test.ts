import { describe, expect, it } from 'vitest';
import { User } from './blog.fixture.ts';
import { defineProjection } from './define-projection.ts';
import { memoryRepository } from './memory.ts';

describe('a definition that makes no sense is refused', () => {
  const none = (): undefined => undefined;
  const into = memoryRepository<object>();
  it.each([
    ['needs a name', { name: '', from: [User], on: { 'user-left': none }, into }],
    ['has version 0', { name: 'x', version: 0, from: [User], on: { 'user-left': none }, into }],
    ['has 0 shards', { name: 'x', shards: 0, from: [User], on: { 'user-left': none }, into }],
    ['has 2000 shards', { name: 'x', shards: 2_000, from: [User], on: { 'user-left': none }, into }],
    ['has no function', { name: 'x', from: [User], on: {}, into }],
    ['not in its sources', { name: 'x', from: [User], on: { 'user-left': none, stranger: none }, into }],
  ])('%s', (reason, spec) => {
    expect(() => defineProjection(spec as never)).toThrow(reason);
  });
});
