/** Bytes that are well-formed DER or PEM, but no key; in the words of Go's crypto/x509. */
export class KeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyError';
  }
}
