/** Bytes that are well-formed DER or PEM, but no key; in the words of Go's crypto/x509. */
export class KeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyError';
  }
}

/** A key that agrees and does not sign: Go reads it, and whoever asked has no use for it. */
export class AgreementKeyError extends KeyError {
  readonly goType = '*ecdh.PrivateKey';

  constructor() {
    super('a key of X25519 does not sign');
    this.name = 'AgreementKeyError';
  }
}
