import type { EncodedPayload, Trace } from '@pipit/types-registry';
import type { RemoteFailure } from '../command-errors.ts';
import type { RequestKind } from '../commands.ts';

/** Where requests of one definition go. */
export interface Address {
  readonly kind: RequestKind;
  readonly type: string;
  /** `<kind>.<type as a subject token>` */
  readonly key: string;
}

export interface OutgoingRequest {
  readonly address: Address;
  readonly payload: EncodedPayload;
  readonly trace: Trace;
  /** Milliseconds. */
  readonly timeout: number;
  /** Only where the request can be cancelled. */
  readonly id: string | undefined;
}

export interface IncomingRequest extends Omit<OutgoingRequest, 'address'> {
  /** @throws PayloadTooLargeError for a payload; never anything else */
  answer(answer: Answer): void;
}

export type Answer =
  /** Without a payload it is `undefined`. */
  | { readonly status: 'answered'; readonly payload: EncodedPayload | undefined }
  /** Refused is what the handler was not called for. */
  | { readonly status: 'failed' | 'refused'; readonly failure: RemoteFailure }
  /** Not begun, for one of two reasons; or begun, and not waited for. */
  | { readonly status: 'busy' | 'stopping' | 'stopped' };

/** What carries requests and answers. What it throws and tells is all a sender has to know of it. */
export interface CommandTransport {
  /** For errors. */
  readonly servers: readonly string[];
  /** While it is down nothing can be sent, and what was sent gets no answer. */
  readonly up: boolean;
  /** Where requests go, for people. */
  subjectOf(address: Address): string;
  /**
   * Sends, or throws with nothing sent. The answer comes by the token.
   *
   * @throws PayloadTooLargeError, ConnectionError
   */
  send(request: OutgoingRequest, token: string): void;
  /** Tells whoever has the request. Never throws. */
  cancel(address: Address, id: string): void;
  listen(address: Address, listener: Listener): Listening;
  /** Waits for what was sent to leave, a short time at most. Never rejects. */
  flush(): Promise<void>;
  close(): void;
}

export interface Listener {
  request(request: IncomingRequest): void;
  /** A request that the transport cannot read. */
  unreadable(error: Error, answer: (answer: Answer) => void): void;
  cancel(id: string): void;
  readonly stats: EndpointStats;
  /** No more requests will come. */
  failed(error: Error): void;
}

export interface Listening {
  /** Rejects with an error of the transport. */
  readonly ready: Promise<void>;
  /** When it resolves, no more requests come. Never rejects. */
  close(): Promise<void>;
}

/** Since the handler began. */
export interface EndpointStats {
  readonly requests: number;
  readonly errors: number;
  readonly lastError: string | undefined;
  /** Milliseconds. */
  readonly processingTime: number;
}

export interface TransportEvents {
  answered(token: string, answer: Answer): void;
  /** Nobody listens. */
  unheard(token: string): void;
  /** What was sent gets no answer any more. */
  lost(): void;
  /** After a loss: it is up again. */
  restored(): void;
  /** The transport may not send to an address. */
  forbidden(key: string, error: Error): void;
  /** For good. */
  closed(cause: Error | undefined): void;
}

export type OpenTransport = (events: TransportEvents) => CommandTransport;
