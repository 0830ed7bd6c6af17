import {
  type AggregateRef,
  type Catalog,
  decodeEvent,
  type EventDefinition,
  type RecordedEvent,
  readEnvelope,
  type StoredMessage,
} from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';
import { checkDate } from '../argument-checks.ts';
import type { EventLog } from '../event-log.ts';
import type { LoadOptions } from '../event-store.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { MissingRevisionError } from '../store-errors.ts';
import { deepFreeze } from './deep-freeze.ts';
import { evolve } from './evolve.ts';
import type { KnownState } from './snapshot-format.ts';
import type { Snapshots, UselessSnapshot } from './snapshots.ts';
import type { WarmStates } from './warm-states.ts';

export interface LoadContext {
  readonly log: EventLog;
  readonly catalog: Catalog<EventDefinition>;
  readonly warm: WarmStates;
  readonly snapshots: Snapshots;
}

/**
 * The state of an aggregate: what is warm or in a snapshot, and what came after. What it begins with is trusted only if
 * the log has the very event it ends with, which is read along.
 */
export async function load(
  context: LoadContext,
  aggregate: Aggregate,
  ref: AggregateRef,
  options: LoadOptions = {},
): Promise<KnownState> {
  const { warm, snapshots } = context;
  const { toRevision = Infinity, asOf } = options;
  checkOptions(options);
  const started = performance.now();
  const known = asOf === undefined ? warm.get(ref) : undefined;
  let base: KnownState | undefined = known !== undefined && known.revision <= toRevision ? known : undefined;
  if (base === undefined && asOf === undefined) {
    const snapshot = await snapshots.find(aggregate, ref, options.signal);
    if (snapshot !== undefined && snapshot.revision <= toRevision) base = snapshot;
  }
  let folded = await fold(context, aggregate, ref, base, options);
  if ('is' in folded) {
    // A warm state may itself have begun with a snapshot.
    if (base === known) warm.delete(ref);
    if (base !== known || folded.err !== undefined) snapshots.reject(aggregate, ref, folded);
    folded = (await fold(context, aggregate, ref, undefined, options)) as Folded;
  }
  deepFreeze(folded.state);
  if (folded.whole && folded.revision > 0) {
    const { whole: _, events, ...state } = folded;
    warm.set(ref, { ...state, latest: true });
    const milliseconds = performance.now() - started;
    snapshots.consider(aggregate, ref, state, { events, milliseconds });
  }
  return folded;
}

interface Folded extends KnownState {
  /** How many events it took. */
  readonly events: number;
  /** Whether it went to the end. */
  readonly whole: boolean;
}

/** @returns why the base is of no use, where it is not; only with a base */
async function fold(
  { log, catalog }: LoadContext,
  aggregate: Aggregate,
  ref: AggregateRef,
  base: KnownState | undefined,
  { toRevision = Infinity, asOf, signal }: LoadOptions,
): Promise<Folded | UselessSnapshot> {
  let { state, revision, position, eventId } = base ?? {
    state: aggregate.initial,
    revision: 0,
    position: 0,
    eventId: '',
  };
  let events = 0;
  const result = (whole: boolean): Folded => ({ state, revision, position, eventId, events, whole });
  if (toRevision === 0) return result(false);
  const range = { ...(base && { fromPosition: base.position }), ...(signal && { signal }) };
  let proved = base === undefined;
  for await (const messages of log.readAggregate(ref, range)) {
    for (const message of messages) {
      if (asOf !== undefined && message.storedAt > asOf) return result(false);
      if (!proved) {
        if (!isLastOf(base as KnownState, message)) return foreign;
        proved = true;
        continue;
      }
      if (revision + 1 > toRevision) return result(false);
      const event = decodeNext(catalog, ref, message, revision + 1);
      try {
        state = evolve(aggregate, state, event);
      } catch (err) {
        if (base === undefined) throw err;
        return { is: 'is not what its events lead to', err };
      }
      // An evolve that changes what it gets fails now, rather than once a state was kept; more often would cost time.
      if (events === 0) deepFreeze(state);
      ({ revision, position, id: eventId } = event);
      events += 1;
    }
  }
  return proved ? result(asOf === undefined) : foreign;
}

/** The stream was deleted and made anew, or restored from a backup. */
const foreign: UselessSnapshot = { is: 'is not of this stream' };

function isLastOf({ revision, position, eventId }: KnownState, message: StoredMessage): boolean {
  if (message.position !== position) return false;
  try {
    const envelope = readEnvelope(message);
    return envelope.id === eventId && envelope.revision === revision;
  } catch {
    // No state ends with an event that cannot be read; that is told when all events are.
    return false;
  }
}

/** @throws UnreadableEventError, MissingRevisionError */
function decodeNext(
  catalog: Catalog<EventDefinition>,
  ref: AggregateRef,
  message: StoredMessage,
  revision: number,
): RecordedEvent {
  const event: RecordedEvent = decodeEvent(catalog, message);
  if (event.revision === revision) return event;
  throw new MissingRevisionError(message.store, ref, revision, event.revision, event.position);
}

function checkOptions({ toRevision = 0, asOf }: LoadOptions): void {
  if (!(toRevision >= 0))
    throw new InvalidArgumentError('toRevision', `must be a revision from 0, not ${toRevision}`);
  checkDate('asOf', asOf);
}
