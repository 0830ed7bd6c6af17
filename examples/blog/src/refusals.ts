/** What the blog refuses to do, whoever asks and by whatever way. HTTP makes status codes of it. */
abstract class Refusal extends Error {
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
