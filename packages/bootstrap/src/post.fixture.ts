import { defineProjection, type Repository } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineAggregate } from '@pipit/store';
import { defineEvent } from '@pipit/types-registry';
import { pino } from 'pino';
import { z } from 'zod';

export const Published = defineEvent('post-published', z.object({ title: z.string() }));

export const Post = defineAggregate('post', {
  events: [Published],
  initial: { title: '' },
  evolve: { 'post-published': (_, { data }) => data },
});

export const titles = (into: Repository<string> = memoryRepository<string>()) =>
  defineProjection({
    name: 'titles',
    from: [Post],
    on: { 'post-published': (_, { data }) => data.title },
    into,
  });

/** A logger that keeps what it is given. */
export function listeningLogger() {
  const lines: string[] = [];
  return { lines, logger: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }) };
}
