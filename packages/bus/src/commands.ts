import type { CommandDefinition, DataOf, InputOf, Message, QueryDefinition } from '@pipit/types-registry';
import type { StopOptions } from './bus.ts';

/** What can be asked of a handler somewhere: a command, which may change something, or a query, which does not. */
export type Request = CommandDefinition | QueryDefinition;

export type RequestKind = 'command' | 'query';

/** What who sends it gets: what the `result` schema makes of the answer, `undefined` for a command without one. */
export type AnswerOf<D> =
  D extends CommandDefinition<string, infer _Input, infer _Data, infer Result>
    ? Result
    : D extends QueryDefinition<string, infer _QueryInput, infer _QueryData, infer QueryResult>
      ? QueryResult
      : never;

/**
 * Commands and queries between processes, by request and reply. Each goes to one of the instances that handle it.
 *
 * Nothing is stored: what is sent while nobody handles it is refused, not kept. A command is sent once; not promised is
 * that its outcome is always known (`OutcomeUnknownError`, `TimeoutError`). A query may reach a handler twice, because
 * it is sent again where the connection was lost before its answer came.
 */
export interface Commands {
  /**
   * Handles every command or query of a definition that comes to this instance. Returns at once.
   *
   * @throws InvalidCommandOptionError, AlreadyHandledError, StoppedError, InvalidRegistryError
   */
  handle<D extends Request>(definition: D, handler: RequestHandler<D>, options?: HandleOptions): Handling;

  /**
   * Sends a command or query, and resolves with its handler's answer.
   *
   * Rejects, with nothing sent: InvalidPayloadError, PayloadTooLargeError, InvalidCommandOptionError,
   * InvalidRegistryError, StoppedError; ConnectionError where the connection stayed down until the deadline, is closed,
   * or may not send this. With nothing handled: NoHandlerError, NotHandledError. By the handler's side: RemoteError.
   * With an outcome that is not known: TimeoutError, OutcomeUnknownError, the reason of `signal`. With a handled
   * request whose answer cannot be read: InvalidAnswerError.
   */
  send<D extends Request>(definition: D, data: InputOf<D>, options?: SendOptions): Promise<AnswerOf<D>>;

  /**
   * Ends handling as each `stop` does, then waits for answers to what was sent, within one time limit. New handlers are
   * refused at once, sending when the handlers under way have ended, because they may need it.
   */
  stop(options?: StopOptions): Promise<void>;
}

export interface SendOptions {
  /** Milliseconds until the answer has to be there. The handler is told. Default: 10,000. */
  readonly timeout?: number;
  /** Aborting it ends the waiting, and aborts the handler's signal. */
  readonly signal?: AbortSignal;
}

/**
 * Handles one command or query; what it returns, or the promise it returns is fulfilled with, is the answer. What it
 * throws goes to the sender as a `RemoteError` with code, name, message and the fields that JSON can carry; the stack
 * stays here, in the log. Events it appends belong to the sender's chain.
 */
export type RequestHandler<D extends Request> = (
  request: Message<D['type'], DataOf<D>>,
  context: RequestContext,
) => HandlerAnswer<AnswerOf<D>>;

/** Where nothing is answered, what a handler returns is of no interest. */
type HandlerAnswer<Answer> = [Answer] extends [undefined] ? unknown : Answer | Promise<Answer>;

export interface RequestContext {
  /** Until when the sender waits, by this process's clock. */
  readonly deadline: Date;
  /** Aborts at the deadline, when the sender does not want the answer any more, and when a stop does not wait for it. */
  readonly signal: AbortSignal;
}

export interface HandleOptions {
  /** How many requests this handler works on at a time. One whose deadline has passed does not count. Default: 100. */
  readonly concurrency?: number;
  /** How many more may wait for their turn; the next one is refused as `busy`. Default: 1,000. */
  readonly waiting?: number;
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
}

/** A handler at work. */
export interface Handling {
  readonly kind: RequestKind;
  readonly type: string;
  /**
   * Fulfilled when the server sends requests here. In a cluster, other servers may take a moment longer to know.
   *
   * Rejects with HandleFailedError, or StoppedError where a stop came first. Nobody has to look: it is logged too.
   */
  readonly ready: Promise<void>;
  /**
   * Takes no more requests: they go to other instances. Those that have come are handled and answered; one that takes
   * longer than the timeout has its signal aborted, and its sender is told that the outcome is unknown.
   */
  stop(options?: StopOptions): Promise<void>;
}
