/**
 * A refusal with upstream's text. Three shapes matter, because upstream treats them differently on the way out:
 *
 * - 'response': a response that carries an error (logical.ErrorResponse): status 400 unless given, text as it is,
 *   audited as a response with `data.error`.
 * - 'error': a bare error: the request path wraps it in a multierror, and the HTTP layer derives the status from
 *   the text (500 when nothing matches). Facts §5.4.
 * - 'coded': an error with its own status.
 *
 * Anything thrown that is not a Fault is treated like a bare error, except failed asserts, which are bugs.
 */
export type FaultShape = 'response' | 'error' | 'coded';

export class Fault extends Error {
  readonly shape: FaultShape;
  readonly status: number | undefined;
  /** For the answer, beside the usual ones. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** The error that is audited beside the answer, where it is another than those of its kind; '' is none. */
  audited?: string;
  constructor(shape: FaultShape, message: string, status?: number) {
    super(message);
    this.name = 'Fault';
    this.shape = shape;
    this.status = status;
  }
}

/** A failed login of a user that exists: what user lockout counts. */
export class InvalidCredentials extends Fault {
  constructor(message: string) {
    super('response', message, 400);
    this.name = 'InvalidCredentials';
  }
}

/** An error response: 400 with this text, unless another status is given. */
export const refuse = (message: string, status?: number): Fault => new Fault('response', message, status);

/** A bare error; `status` where its text is not to decide that. */
export const failure = (message: string, status?: number): Fault => new Fault('error', message, status);

/** An error with its own status. */
export const coded = (status: number, message: string): Fault => new Fault('coded', message, status);

/** The fixed errors of the request path; their texts decide the status (facts §5.4). */
export const permissionDenied = (): Fault => failure('permission denied');
export const unsupportedOperation = (): Fault => failure('unsupported operation');
export const unsupportedPath = (): Fault => failure('unsupported path');
export const invalidRequest = (): Fault => failure('invalid request');

/** An error response whose audit entry names another error beside it than usual; '' is none. */
export function refuseAs(audited: string, message: string, status?: number): Fault {
  const fault = refuse(message, status);
  fault.audited = audited;
  return fault;
}

/** An error response whose text is also the error that is audited. */
export const refuseAsItSays = (message: string, status?: number): Fault => refuseAs(message, message, status);

/** The storage could not be asked, or refused: the text is whatever it says. */
export class StorageFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StorageFailed';
  }
}

/** What the storage said, behind what was to be done; any other error as it is. */
export const duringStorage = (what: string, error: unknown): unknown =>
  error instanceof StorageFailed ? new StorageFailed(`${what}: ${error.message}`) : error;

/** What no key of the storage can be ('..') is refused, behind what was to be done. */
export async function duringKey<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Fault ? refuse(`${what}: ${error.message}`) : error;
  }
}
