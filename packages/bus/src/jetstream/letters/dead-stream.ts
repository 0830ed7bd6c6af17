import { JetStreamApiError, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { type StreamDifference, StreamMismatchError } from '@pipit/types-registry';
import pRetry from 'p-retry';
import { isMissingStream, type OpenStore } from '../open-store.ts';
import { isRefused, serverFailure } from '../server-failure.ts';

/**
 * The subjects of a store's dead letters, in the stream `<store>_dead`. A group is two tokens, its name and its topic,
 * which is `@` for a group of the store's events; a key is two as well, aggregate type and id, or topic and key.
 *
 * - `history.<group>.<position>`: how an event has failed so far; expires, unless the event became a letter, with
 *   which it goes
 * - `letter.<group>.<key>.<position>`: an event that is dead or parked
 * - `facts.<group>.<position>`: what is said of a letter that has no room for it
 * - `resume.<group>.<key>.<position>`: what was decided about a letter; asks the group to go on with its key, and is
 *   gone when it has
 */
export interface DeadSubjects {
  readonly stream: string;
  history(group: string, position: number): string;
  letter(group: string, key: string, position: number): string;
  facts(group: string, position: number): string;
  /** What lies beside a letter: history and facts. */
  besideLetter(group: string, position: number): string;
  lettersOf(group: string, key?: string): string;
  /** Letters of groups of this name, whatever their topic. */
  lettersOfName(name: string): string;
  /** Letters of this group and position, whatever their key. */
  letterAt(group: string, position: number): string;
  resume(group: string, key: string, position: number): string;
  resumesOf(group: string): string;
}

export function deadSubjects(store: string): DeadSubjects {
  const stream = `${store}_dead`;
  return {
    stream,
    history: (group, position) => `${stream}.history.${tokensOf(group)}.${position}`,
    letter: (group, key, position) => `${stream}.letter.${tokensOf(group)}.${key}.${position}`,
    facts: (group, position) => `${stream}.facts.${tokensOf(group)}.${position}`,
    besideLetter: (group, position) => `${stream}.*.${tokensOf(group)}.${position}`,
    lettersOf: (group, key = '*.*') => `${stream}.letter.${tokensOf(group)}.${key}.*`,
    lettersOfName: (name) => `${stream}.letter.${name}.*.*.*.*`,
    letterAt: (group, position) => `${stream}.letter.${tokensOf(group)}.*.*.${position}`,
    resume: (group, key, position) => `${stream}.resume.${tokensOf(group)}.${key}.${position}`,
    resumesOf: (group) => `${stream}.resume.${tokensOf(group)}.*.*.*`,
  };
}

function tokensOf(group: string): string {
  return group.includes('@') ? group.replace('@', '.') : `${group}.@`;
}

/** What a subject says of a letter, or a request to resume one. */
export function readDeadSubject(subject: string): {
  readonly group: string;
  readonly key: string;
  readonly position: number;
} {
  const [, , name = '', topic = '', type = '', id = '', position = ''] = subject.split('.');
  return {
    group: topic === '@' ? name : `${name}@${topic}`,
    key: `${type}.${id}`,
    position: Number(position),
  };
}

const nameInUse = 10058;

/** What keeping letters stands on. */
const promised = {
  retention: RetentionPolicy.Limits,
  max_msgs_per_subject: 1,
  allow_direct: true,
  allow_msg_ttl: true,
} as const satisfies Partial<StreamConfig>;

/**
 * Creates the stream with replicas and storage of the store's own, or checks the one that is there and leaves it.
 *
 * @throws StreamMismatchError; ConnectionError, at once where the account may not
 */
export async function ensureDeadStream({ name, manager, connection }: OpenStore): Promise<void> {
  const { stream } = deadSubjects(name);
  try {
    await pRetry(ensureOnce, {
      retries: 5,
      minTimeout: 100,
      // A stream that was just created may have no leader yet, and two processes may create it at once.
      shouldRetry: ({ error }) => !(error instanceof StreamMismatchError || isRefused(error)),
    });
  } catch (cause) {
    const what = `Stream ${stream}, where dead letters of store ${name} are kept, could not be opened`;
    const advice = 'Check that the server is up, and what the account may store; then open the bus again.';
    throw serverFailure({ connection, what, advice }, cause);
  }

  async function ensureOnce(): Promise<void> {
    const found = await find();
    if (found === undefined) await create();
    else check(found);
  }

  async function find(): Promise<StreamConfig | undefined> {
    try {
      return (await manager.streams.info(stream)).config;
    } catch (error) {
      if (isMissingStream(error)) return undefined;
      throw error;
    }
  }

  async function create(): Promise<void> {
    const { config } = await manager.streams.info(name);
    try {
      await manager.streams.add({
        ...promised,
        name: stream,
        subjects: [`${stream}.>`],
        storage: config.storage ?? StorageType.File,
        num_replicas: config.num_replicas,
      });
    } catch (error) {
      // Another process has just created it.
      if (error instanceof JetStreamApiError && error.code === nameInUse) return ensureOnce();
      throw error;
    }
  }

  function check(config: StreamConfig): void {
    const actual = new Map<string, unknown>(Object.entries(config));
    const differences: StreamDifference[] = Object.entries(promised)
      .map(([setting, expected]) => ({ setting, expected, actual: actual.get(setting) }))
      .filter((difference) => difference.expected !== difference.actual);
    if (!config.subjects.includes(`${stream}.>`)) {
      differences.push({ setting: 'subjects', expected: [`${stream}.>`], actual: config.subjects });
    }
    if (differences.length > 0) throw new StreamMismatchError(stream, differences);
  }
}
