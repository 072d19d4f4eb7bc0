/** A PAC that cannot be read. */
export class PacError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PacError';
  }
}
