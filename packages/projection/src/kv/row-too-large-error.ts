import { PipitError } from '@pipit/types-registry';

/** A row that is over what the server takes in one message. Nothing was written. */
export class RowTooLargeError extends PipitError {
  readonly code = 'ROW_TOO_LARGE';
  readonly view: string;
  readonly key: string;
  /** Bytes, with key and headers. */
  readonly size: number;
  /** Bytes. */
  readonly limit: number;

  constructor(view: string, key: string, size: number, limit: number) {
    super(
      `Row ${JSON.stringify(key)} of view ${view} takes ${size} bytes, the limit of the server is ${limit}. Nothing was ` +
        "written. Keep less in the row, or raise the server's max_payload.",
    );
    this.view = view;
    this.key = key;
    this.size = size;
    this.limit = limit;
  }
}
