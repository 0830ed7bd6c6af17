/** A request that has come in, as its server sees it. */
export interface IncomingRequest {
  readonly method: string;
  /** Of the URL, without the query: what stands there may be secret. */
  readonly path: string;
  /** What the path was matched by, such as `/posts/:id`; missing where nothing fits. */
  readonly route?: string;
  /** Default: `http`. */
  readonly scheme?: 'http' | 'https';
  /** The header of this name, as it came: a malformed one is passed over. */
  readonly traceparent?: string | undefined;
}

/** Says what a request was answered with, and what went wrong where that is known. Said again, the last one counts. */
export type Answered = (status: number, error?: unknown) => void;

/** Traces and metrics of an application, by OpenTelemetry where that is installed. */
export interface Telemetry {
  /**
   * Runs what a request leads to in a span of its own, so that what it appends belongs to the trace of who asked, and
   * measures it. Inside another span, such as that of an instrumentation of HTTP, there is no second one.
   *
   * Fulfils as `work` does, or rejects: then it was not answered, and the span ends with the error. Until its promise
   * settles the span is the current one, also for callbacks that were given away inside.
   */
  request<Result>(request: IncomingRequest, work: (answered: Answered) => Promise<Result>): Promise<Result>;
}
