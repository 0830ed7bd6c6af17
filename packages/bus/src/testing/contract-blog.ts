import { defineEvent, type EventOf, type Logger } from '@pipit/types-registry';
import { z } from 'zod';
import type { Bus } from '../bus.ts';
import { defineTopic, type Topics } from '../topics.ts';
import type { LogLine } from './log-to.ts';

export const Published = defineEvent('post-published', z.object({ title: z.string() }));
export const Renamed = defineEvent('post-renamed', z.object({ title: z.string() }));
export const Joined = defineEvent('user-joined', z.object({ name: z.string() }));

export const MailWanted = defineEvent('mail-wanted', z.object({ text: z.string() }));
export const MailRefused = defineEvent('mail-refused', z.object({ text: z.string() }));
export const Mail = defineTopic('mail', { events: [MailWanted, MailRefused] });
export const Newsletter = defineTopic('news. *>', { events: [MailWanted] });

/** What the contract's store has to hold. */
export const contractEvents = { post: [Published, Renamed], user: [Joined] } as const;

export type ContractEvent = EventOf<typeof Published | typeof Renamed | typeof Joined>;

/** A store with its buses, as the suite needs them. */
export interface OpenedBus {
  /** Appends events to a post, and returns the position of the last. */
  publish(id: string, ...titles: string[]): Promise<number>;
  /** Appends an event to a user. */
  join(id: string): Promise<number>;
  /** The store's topics. The suite closes them. */
  topics(): Promise<Topics>;
  /** A bus like that of another process. The suite stops it. */
  instance(): Promise<Bus<ContractEvent>>;
  /** Ends a bus as a process ends that is killed, as far as it can be. */
  kill(bus: Bus<ContractEvent>): Promise<void>;
  close(): Promise<void>;
}

/** @param logger what the buses are to log to */
export type BusOpener = (logger: Logger) => Promise<OpenedBus>;

/** What each test has: a bus, and what it logged. */
export interface BusUnderTest {
  readonly opened: OpenedBus;
  readonly bus: Bus<ContractEvent>;
  readonly log: LogLine[];
  /** Another instance, stopped after the test. */
  another(): Promise<Bus<ContractEvent>>;
}

export const quick = { backoff: () => 20, jitter: 0 };
