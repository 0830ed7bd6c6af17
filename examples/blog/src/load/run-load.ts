import { setTimeout as delay } from 'node:timers/promises';
import { randomFrom } from '../random.ts';
import { type BlogClient, blogClient } from './blog-client.ts';
import { createLedger } from './ledger.ts';
import { createTally, type Row } from './tally.ts';
import { createVisitor, type Kind, reading } from './visitor.ts';

export interface LoadOptions {
  /** Of the blog. */
  readonly url: string;
  readonly seconds: number;
  /** How many visitors there are at a time, each with a connection of its own, without a pause between requests. */
  readonly connections: number;
  /** What visitors do follows from it, as far as the blog's answers are the same. */
  readonly seed: number;
  /** Whether to go on when the seconds are over. */
  readonly goesOn?: () => boolean;
}

/** What is so by now. */
export interface Progress {
  readonly elapsed: number;
  readonly reads: number;
  readonly acknowledged: number;
  /** Writes that were answered by 503. */
  readonly postponed: number;
}

export interface LoadReport {
  readonly seconds: number;
  readonly perSecond: number;
  readonly total: Row;
  readonly kinds: Readonly<Record<Kind, Row>>;
  readonly acknowledged: number;
  /** Answers that no visitor should get, such as a 500, and how often. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** Acknowledged writes that are not shown at the end. */
  readonly missing: readonly string[];
}

export interface Load {
  readonly progress: Progress;
  /** @throws what the blog cannot be reached with at the end */
  readonly report: Promise<LoadReport>;
}

/** Milliseconds for views and sagas to show at the end what was acknowledged. */
const patience = 60_000;

export function runLoad({ url, seconds, connections, seed, goesOn = () => false }: LoadOptions): Load {
  const client = blogClient(url, connections);
  const ledger = createLedger();
  const tally = createTally();
  const unexpected: Record<string, number> = {};
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1_000;
  let reads = 0;
  let postponed = 0;

  async function visitor(number: number): Promise<void> {
    const { choose, visit } = createVisitor(client, ledger, randomFrom(seed + number));
    while (elapsed() < seconds || goesOn()) {
      const kind = choose();
      const sent = performance.now();
      const took = () => performance.now() - sent;
      try {
        const { status, retryAfter } = await visit(kind);
        tally.count(kind, status, took());
        if (reading.has(kind) && status === 200) reads += 1;
        if (status === 503 && !reading.has(kind)) postponed += 1;
        if (!isExpected(kind, status, retryAfter)) note(`${kind}: ${status}`);
        // As it was asked to.
        if (status === 503) await delay(Number(retryAfter ?? 1) * 1_000);
      } catch (error) {
        tally.count(kind, 'error', took());
        note(`${kind}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  function note(what: string): void {
    unexpected[what] = (unexpected[what] ?? 0) + 1;
  }

  async function run(): Promise<LoadReport> {
    try {
      await Promise.all(Array.from({ length: connections }, (_, number) => visitor(number)));
      const took = elapsed();
      const { total, kinds } = tally.rows();
      const missing = await untilNoneIsMissing(client);
      return {
        seconds: Math.round(took * 10) / 10,
        perSecond: Math.round(total.requests / took),
        ...{ total, kinds, acknowledged: ledger.size, unexpected, missing },
      };
    } finally {
      await client.close();
    }
  }

  /** Views and sagas may be a moment behind. */
  async function untilNoneIsMissing({ get }: BlogClient): Promise<string[]> {
    const deadline = performance.now() + patience;
    for (;;) {
      const missing = await ledger.missing(get);
      if (missing.length === 0 || performance.now() > deadline) return missing;
      await delay(250);
    }
  }

  return {
    progress: {
      get elapsed() {
        return elapsed();
      },
      get reads() {
        return reads;
      },
      get acknowledged() {
        return ledger.size;
      },
      get postponed() {
        return postponed;
      },
    },
    report: run(),
  };
}

/** A post may be published already, or be changed by two at once; and NATS may be away, which may not keep anybody waiting. */
function isExpected(kind: Kind, status: number, retryAfter: string | undefined): boolean {
  if (status === 503) return retryAfter !== undefined;
  if (status === 409) return kind === 'publish' || kind === 'edit a post' || kind === 'rename a user';
  return status < 300;
}
