/**
 * An answer over HTTP that is too long to be in memory whole: its JSON text in parts, each read when the one before was
 * taken. What can be refused is refused before the first part; a failure after that cuts the connection.
 */
export class StreamedJson {
  readonly parts: AsyncIterable<string>

  constructor(parts: AsyncIterable<string>) {
    this.parts = parts
  }
}
