/** What goes wrong in ACME, as clients are told of it (RFC 8555, section 6.7; RFC 7807). */
import { print } from '../../../codec/json.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { Fault } from '../../../fault.ts';
import { reply, type Reply } from '../../../framework/reply.ts';

/** By the last word of the type's URN: the status, and upstream's words for it. */
const PROBLEMS = {
  accountDoesNotExist: [400, 'the request specified an account that does not exist'],
  alreadyRevoked: [400, 'the request specified a certificate to be revoked that has already been revoked'],
  badCSR: [400, 'the CSR is unacceptable'],
  badNonce: [400, 'the client sent an unacceptable anti-replay nonce'],
  badRevocationReason: [400, 'the revocation reason provided is not allowed by the server'],
  connection: [500, 'the server could not connect to validation target'],
  externalAccountRequired: [401, "the request must include a value for the 'externalAccountBinding' field"],
  incorrectResponse: [400, "response received didn't match the challenge's requirements"],
  malformed: [400, 'the request message was malformed'],
  orderNotReady: [403, 'the request attempted to finalize an order that is not ready to be finalized'],
  rejectedIdentifier: [400, 'the server will not issue certificates for the identifier'],
  serverInternal: [500, 'the server experienced an internal error'],
  unauthorized: [401, 'the client lacks sufficient authorization'],
  unsupportedIdentifier: [400, 'an identifier is of an unsupported type'],
} as const satisfies Readonly<Record<string, readonly [status: number, text: string]>>;

export type ProblemType = keyof typeof PROBLEMS;

export class AcmeProblem extends Error {
  readonly type: ProblemType;
  constructor(type: ProblemType, message: string) {
    super(message);
    this.type = type;
  }

  get status(): number {
    return PROBLEMS[this.type][0];
  }

  get urn(): string {
    return `urn:ietf:params:acme:error:${this.type}`;
  }

  /** The same with more before it. */
  within(before: string): AcmeProblem {
    return new AcmeProblem(this.type, `${before}: ${this.message}`);
  }

  reply(): Reply {
    const body = new Map([
      ['type', this.urn],
      ['detail', this.message],
    ]);
    return reply({
      raw: { status: this.status, contentType: 'application/problem+json', body: encodeUtf8(print(body)) },
    });
  }
}

export const problemText = (type: ProblemType): string => PROBLEMS[type][1];

/** `detail: what this type of problem is`. */
export const problem = (type: ProblemType, detail: string): AcmeProblem =>
  new AcmeProblem(type, `${detail}: ${problemText(type)}`);

/** `What this type of problem is: detail`; upstream says it either way. */
export const problemFirst = (type: ProblemType, detail: string): AcmeProblem =>
  new AcmeProblem(type, `${problemText(type)}: ${detail}`);

export const malformed = (detail: string): AcmeProblem => problem('malformed', detail);

/** Whatever an operation threw, when it is for the client; anything else is thrown on. */
export function problemOf(error: unknown): AcmeProblem {
  if (error instanceof AcmeProblem) return error;
  if (error instanceof Fault) return new AcmeProblem('serverInternal', error.message);
  throw error;
}
