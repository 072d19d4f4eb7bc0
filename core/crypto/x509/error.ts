/** Certificates, requests, lists and OCSP messages that are well-formed DER, but not what they should be. */
import { DerError } from '../../codec/der-reader.ts';
import { KeyError } from '../keys/key-error.ts';

/** In the words of Go's crypto/x509 where it has some. */
export class X509Error extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'X509Error';
  }
}

/** What `read` gives; when there is no such element, an X509Error that says so in a few words. */
export function must<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) throw new X509Error(`x509: ${what}`);
    throw error;
  }
}

/** What reading somebody else's bytes may throw; anything else is a bug. */
export const isMalformed = (error: unknown): error is Error =>
  error instanceof X509Error || error instanceof DerError || error instanceof KeyError;

/** What `read` gives, or undefined when the bytes are malformed. */
export function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMalformed(error)) return undefined;
    throw error;
  }
}
