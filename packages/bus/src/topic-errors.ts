import { PipitError } from '@pipit/types-registry';

/** A topic or an option of publishing that makes no sense. Nothing was done. */
export class InvalidTopicError extends PipitError {
  readonly code = 'INVALID_TOPIC';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`The ${option} ${reason}.`);
    this.option = option;
  }
}

/** The server does not take the event. Nothing was stored. */
export class PublishRefusedError extends PipitError {
  readonly code = 'PUBLISH_REFUSED';
  readonly stream: string;
  readonly eventId: string;
  /** The server's own: JetStream's `err_code`, or 403 where the connection may not publish. */
  readonly errorCode: number;

  constructor(
    facts: {
      readonly stream: string;
      readonly eventId: string;
      readonly topic: string;
      readonly key: string;
    },
    errorCode: number,
    description: string,
    cause?: unknown,
  ) {
    const { stream, eventId, topic, key } = facts;
    super(
      `Event ${eventId} was not published to topic ${topic} with key ${key}: ${description} (${errorCode}). ` +
        `Nothing was stored. Check the limits and permissions of stream ${stream}.`,
      { cause },
    );
    this.stream = stream;
    this.eventId = eventId;
    this.errorCode = errorCode;
  }
}

/** No answer came, and the event may have been stored. */
export class PublishInDoubtError extends PipitError {
  readonly code = 'PUBLISH_IN_DOUBT';
  readonly stream: string;
  readonly eventId: string;
  readonly topic: string;
  readonly key: string;

  constructor(
    facts: {
      readonly stream: string;
      readonly eventId: string;
      readonly topic: string;
      readonly key: string;
    },
    cause: unknown,
  ) {
    const { stream, eventId, topic, key } = facts;
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Whether event ${eventId} was published to topic ${topic} with key ${key} is not known: ${reason}. ` +
        'Publishing it again with the same id is safe: within two minutes the server stores it once, and later ' +
        'subscribers can tell by the id.',
      { cause },
    );
    this.stream = stream;
    this.eventId = eventId;
    this.topic = topic;
    this.key = key;
  }
}

/** The server does not let a stream be looked at or made. Nothing was changed. */
export class TopicStreamRefusedError extends PipitError {
  readonly code = 'TOPIC_STREAM_REFUSED';
  readonly stream: string;
  readonly errorCode: number;

  constructor(stream: string, errorCode: number, description: string, cause?: unknown) {
    super(
      `Stream ${stream} could not be opened: ${description} (${errorCode}). Check the permissions and limits of the ` +
        'account, and the settings given for the stream.',
      { cause },
    );
    this.stream = stream;
    this.errorCode = errorCode;
  }
}
