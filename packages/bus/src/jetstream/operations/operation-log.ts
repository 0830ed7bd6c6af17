import { type JetStreamManager, jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { ConnectionError, eventHeaders, type Logger } from '@pipit/types-registry';
import type { IndexQuery, NewRecord, OperationLog, StoredRecord } from '../../operations/operation-log.ts';
import { indexPlace } from '../../operations/record.ts';
import { type DirectMessage, type DirectStream, directGet, untilAnswered } from './direct-get.ts';
import { newestFirst } from './newest-first.ts';
import { ensureOperationsStream, findStream, type OperationsStream } from './operations-stream.ts';

export interface OperationLogOptions {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly stream: OperationsStream;
  readonly logger: Logger;
}

const pageSize = 512;
const pageBytes = 4 * 1024 * 1024;
/** Records sought at a time: fewer than the server takes, and well below the bytes of one answer. */
const soughtTogether = 128;
/** Milliseconds by which clocks, and a start that had to be written again, may differ from the server's time. */
const slack = 5 * 60_000;
/** What a message's headers and an answer's may take beside the body. */
const headerRoom = 8 * 1024;

/** Records of operations in the stream `<store>_operations`, which is created with the first. */
export function jetStreamOperationLog({
  connection,
  manager,
  stream,
  logger,
}: OperationLogOptions): OperationLog {
  const { name, store } = stream;
  const options = manager.getOptions();
  const client = jetstream(connection, options);
  const prefix = options.apiPrefix ?? '$JS.API';
  const exists = async () => (await findStream(manager, name, [connection.getServer()])) !== undefined;
  const direct: DirectStream = { connection, prefix, name, exists };
  let ensured: Promise<void> | undefined;

  async function write(record: NewRecord, timeout: number) {
    const { id, place, chain, type, time, causationId, body } = record;
    if (connection.isClosed()) throw closed(connection);
    ensured ??= ensureOperationsStream(manager, stream, [connection.getServer()], logger);
    const own = ensured;
    const payload = { contentType: 'application/json', schemaVersion: 1, bytes: body };
    const draft = { id, type, time, payload, metadata: {}, correlationId: chain, causationId };
    const head = headers();
    for (const [header, value] of eventHeaders(name, draft)) head.append(header, value);
    try {
      await withinTime(own, timeout);
      await client.publish(`${name}.${place}`, body, { headers: head, timeout });
    } catch (error) {
      // The stream may be gone, or never have been made: looked at again next time.
      if (ensured === own) ensured = undefined;
      throw error;
    }
  }

  const recordOf = ({ subject, body }: DirectMessage): StoredRecord => ({
    place: subject.slice(name.length + 1),
    body,
  });

  async function* read(chain: string) {
    for (let seq = 1; ; ) {
      const request = { next_by_subj: `${name}.${chain}.>`, seq, batch: pageSize, max_bytes: pageBytes };
      const page = await directGet(direct, request);
      if (page === undefined || page.messages.length === 0) return;
      yield page.messages.map(recordOf);
      if (page.pending === 0) return;
      seq = (page.messages.at(-1)?.sequence ?? seq) + 1;
    }
  }

  async function* index({ kind, name: operation, from, to }: IndexQuery) {
    const range = await rangeOf(from, to);
    if (range === undefined) return;
    const pattern = `${name}.${indexPlace(kind, operation)}`;
    for await (const page of newestFirst(direct, pattern, range)) yield page.map(recordOf);
  }

  async function rangeOf(from: Date | undefined, to: Date | undefined) {
    const first = from === undefined ? 1 : await sequenceAt(from.getTime() - slack);
    const past = to === undefined ? undefined : await sequenceAt(to.getTime() + slack);
    // Nothing is as new as that.
    if (first === undefined) return undefined;
    return { first, last: past ?? (await lastSequence()) };
  }

  /** Of the first entry of the index stored at that time or later. */
  async function sequenceAt(time: number): Promise<number | undefined> {
    const start_time = new Date(Math.max(0, time)).toISOString();
    const found = await directGet(direct, { next_by_subj: `${name}.${indexPlace()}`, start_time, batch: 1 });
    return found?.messages[0]?.sequence;
  }

  async function lastSequence(): Promise<number> {
    const info = await untilAnswered(direct, () => findStream(manager, name, [connection.getServer()]));
    return info?.state.last_seq ?? 0;
  }

  async function find(places: readonly string[]) {
    const found: StoredRecord[] = [];
    for (let from = 0; from < places.length; from += soughtTogether) {
      let open = places.slice(from, from + soughtTogether).map((place) => `${name}.${place}`);
      while (open.length > 0) {
        const page = await directGet(direct, { multi_last: open });
        if (page === undefined) return found;
        found.push(...page.messages.map(recordOf));
        // An answer ends early where it would take too many bytes.
        const subjects = new Set(page.messages.map(({ subject }) => subject));
        open = page.pending === 0 || subjects.size === 0 ? [] : open.filter((each) => !subjects.has(each));
      }
    }
    return found;
  }

  return {
    store,
    place: `stream ${name}`,
    maxBytes: () => (connection.info?.max_payload ?? Number.MAX_SAFE_INTEGER) - headerRoom,
    write,
    read,
    index,
    find,
  };
}

/** Work that others wait for too is left running. */
async function withinTime(work: Promise<void>, timeout: number): Promise<void> {
  const timeUp = Promise.withResolvers<never>();
  const error = new Error(`the stream was not ready within ${timeout} ms`);
  const timer = setTimeout(() => timeUp.reject(error), timeout);
  try {
    await Promise.race([work, timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function closed(connection: NatsConnection): ConnectionError {
  const advice =
    'Close the operations before it; where it should outlive an outage, connect with maxReconnectAttempts: -1.';
  const message = `The NATS connection of the operations is closed. ${advice}`;
  return new ConnectionError('unreachable', [connection.getServer()], message);
}
