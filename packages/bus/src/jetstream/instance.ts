import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Names one bus of one process, for people who look for what became of it: `<host>-<process id>-<random part>`. */
export function instanceName(): string {
  return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
}
