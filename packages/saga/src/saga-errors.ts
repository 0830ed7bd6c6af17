import { PipitError } from '@pipit/types-registry';
import type { SagaStatus } from './saga-change.ts';

/** Which instance of which saga. */
export interface SagaRef {
  /** Of the saga. */
  readonly name: string;
  /** Of the instance: any text that takes at most 128 bytes as a subject token. */
  readonly id: string;
}

/** A saga's definition makes no sense. */
export class InvalidSagaError extends PipitError {
  readonly code = 'INVALID_SAGA';
  readonly saga: string;

  constructor(saga: string, reason: string) {
    super(`Saga ${JSON.stringify(saga)} ${reason}.`);
    this.saga = saga;
  }
}

/** Steps have no function to run. Register them before the saga is run. */
export class MissingStepsError extends PipitError {
  readonly code = 'MISSING_STEPS';
  readonly saga: string;
  readonly steps: readonly string[];

  constructor(saga: string, steps: readonly string[]) {
    super(
      `Saga ${saga} has steps that nobody has registered: ${steps.join(', ')}. Give them \`run\` in the definition, or ` +
        'register them with `registerSteps`.',
    );
    this.saga = saga;
    this.steps = steps;
  }
}

/** No saga of this name is registered here. */
export class UnknownSagaError extends PipitError {
  readonly code = 'UNKNOWN_SAGA';
  readonly saga: string;

  constructor(saga: string, known: readonly string[]) {
    super(
      `No saga is named ${JSON.stringify(saga)} here, only ${known.map((one) => JSON.stringify(one)).join(', ')}.`,
    );
    this.saga = saga;
  }
}

/** No definition with this version is registered here. */
export class UnknownVersionError extends PipitError {
  readonly code = 'UNKNOWN_SAGA_VERSION';
  readonly saga: string;
  readonly version: number;

  constructor(saga: string, version: number) {
    super(`Version ${version} of saga ${saga} is not registered here. Hand it to \`createSagas\`.`);
    this.saga = saga;
    this.version = version;
  }
}

/** An instance was begun with a version of its saga that is not registered here, or that has other steps by now. */
export class SagaVersionError extends PipitError {
  readonly code = 'SAGA_VERSION';
  readonly saga: string;
  readonly id: string;
  readonly version: number;

  /** @param steps of the instance and of the registered definition, where that is there and has others */
  constructor(
    { name, id }: SagaRef,
    version: number,
    steps?: { readonly begun: readonly string[]; readonly registered: readonly string[] },
  ) {
    const at = `Saga ${name} ${JSON.stringify(id)} was begun with version ${version}`;
    super(
      steps === undefined
        ? `${at}, which is not registered here. Register that definition beside the current one.`
        : `${at} and the steps ${steps.begun.join(', ')}; the registered version ${version} has ${steps.registered.join(', ')}. ` +
            'Give the changed definition a new version, and register the old one beside it.',
    );
    this.saga = name;
    this.id = id;
    this.version = version;
  }
}

/** An instance of this id is there, and was started with something else. */
export class SagaExistsError extends PipitError {
  readonly code = 'SAGA_EXISTS';
  readonly saga: string;
  readonly id: string;

  constructor({ name, id }: SagaRef) {
    super(
      `Saga ${name} ${JSON.stringify(id)} has been started before, with another input. Choose another id.`,
    );
    this.saga = name;
    this.id = id;
  }
}

export class SagaNotFoundError extends PipitError {
  readonly code = 'SAGA_NOT_FOUND';
  readonly saga: string;
  readonly id: string;

  constructor({ name, id }: SagaRef) {
    super(`There is no saga ${name} ${JSON.stringify(id)}.`);
    this.saga = name;
    this.id = id;
  }
}

/** An event belongs to an instance that was not started, or not yet: what starts it may be handled a moment later. */
export class SagaNotStartedError extends PipitError {
  readonly code = 'SAGA_NOT_STARTED';

  constructor({ name, id }: SagaRef) {
    super(
      `Saga ${name} ${JSON.stringify(id)} was not started, or not yet. The event comes again for half a minute.`,
    );
  }
}

/** Only a saga that needs attention can be told how to go on. */
export class NoAttentionNeededError extends PipitError {
  readonly code = 'NO_ATTENTION_NEEDED';
  readonly saga: string;
  readonly id: string;
  readonly status: SagaStatus;

  constructor({ name, id }: SagaRef, status: SagaStatus) {
    super(`Saga ${name} ${JSON.stringify(id)} is ${status} and does not need attention.`);
    this.saga = name;
    this.id = id;
    this.status = status;
  }
}

/** What a saga is started with does not fit its `input`. */
export class InvalidInputError extends PipitError {
  readonly code = 'INVALID_SAGA_INPUT';
  readonly saga: string;

  constructor(saga: string, reason: string, cause?: unknown) {
    super(`The input of saga ${saga} ${reason}`, { cause });
    this.saga = saga;
  }
}

/** What a step has returned does not fit its `result`, or cannot be kept as JSON. */
export class StepResultError extends PipitError {
  readonly code = 'STEP_RESULT';
  readonly step: string;

  constructor(step: string, reason: string, cause?: unknown) {
    super(`What step ${step} returned ${reason}`, { cause });
    this.step = step;
  }
}

/** An attempt was not over in time; nobody knows whether it did its work. */
export class StepTimeoutError extends PipitError {
  readonly code = 'STEP_TIMEOUT';
  readonly step: string;
  /** Milliseconds. */
  readonly timeout: number;

  constructor(step: string, timeout: number) {
    super(`Step ${step} was not over after ${timeout} ms.`);
    this.step = step;
    this.timeout = timeout;
  }
}

/** Thrown by a step that may have done its work and cannot know, such as one whose call was not answered: it is undone as well. */
export class StepInDoubtError extends PipitError {
  readonly code = 'STEP_IN_DOUBT';
}

/** The event that a step waits for has not come in time. */
export class DeadlineError extends PipitError {
  readonly code = 'SAGA_DEADLINE';
  readonly step: string;

  constructor(step: string, event: string | undefined, milliseconds: number) {
    super(`Step ${step} has waited ${milliseconds} ms for ${event}, which has not come.`);
    this.step = step;
  }
}

/** A step asks twice for events of one aggregate. */
export class RepeatedEffectError extends PipitError {
  readonly code = 'REPEATED_EFFECT';

  constructor(type: string, id: string) {
    super(
      `The step appends twice to ${type} ${JSON.stringify(id)}. Append all of its events at once, or in two steps.`,
    );
  }
}

/** Something else has happened to the instance meanwhile. Nothing was written. */
export class SagaMovedError extends PipitError {
  readonly code = 'SAGA_MOVED';

  constructor({ name, id }: SagaRef, expected: number) {
    super(`Saga ${name} ${JSON.stringify(id)} is not at revision ${expected} any more. Look at it again.`);
  }
}

/** What answers does not know what has happened to an instance last: a replica that is behind. Trying again helps. */
export class SagaBehindError extends PipitError {
  readonly code = 'SAGA_BEHIND';

  constructor({ name, id }: SagaRef, known: number, found: number) {
    super(
      `Saga ${name} ${JSON.stringify(id)} is at revision ${known} or further, and what answers knows ${found}. Try again.`,
    );
  }
}

/** The coordinator has been stopped. */
export class SagasStoppedError extends PipitError {
  readonly code = 'SAGAS_STOPPED';

  constructor() {
    super('These sagas have been stopped. Make others to go on.');
  }
}

/** What keeps the sagas here appends no events of other aggregates. */
export class NoEventsError extends PipitError {
  readonly code = 'NO_EVENTS';

  constructor({ name, id }: SagaRef) {
    super(
      `Saga ${name} ${JSON.stringify(id)} appends events, and what keeps it here has no store for them: give ` +
        '`createSagas` the repository that `eventStoreSagas` makes, or `memorySagas` a `store`.',
    );
  }
}

/** The events that go with a transition cannot be appended; the cause says why. Nothing was written. */
export class EffectFailedError extends PipitError {
  readonly code = 'EFFECT_FAILED';
  override readonly cause: Error;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.cause = cause;
  }
}
