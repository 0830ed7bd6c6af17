/** What the blog refuses to do, whoever asks and by whatever way. HTTP makes status codes of it. */
export abstract class Refusal extends Error {
  override readonly name = this.constructor.name;
}

export class NotFoundError extends Refusal {
  /** The field that named it, where it was not the URL. */
  readonly field: string | undefined;

  constructor(kind: string, field?: string) {
    super(`There is no ${kind} with this id.`);
    this.field = field;
  }
}

export class AlreadyPublishedError extends Refusal {
  constructor() {
    super('The post has been published already.');
  }
}

export class BeingPublishedError extends Refusal {
  constructor() {
    super('The post is being published by another saga.');
  }
}

export class NotReservedError extends Refusal {
  constructor() {
    super('The saga does not hold the slug of the post.');
  }
}

export class TextChangedError extends Refusal {
  constructor() {
    super('The text has been edited since its author asked to publish it.');
  }
}

export class TextRefusedError extends Refusal {
  constructor() {
    super('The moderation has refused the text.');
  }
}
