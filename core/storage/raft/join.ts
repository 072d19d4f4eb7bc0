/**
 * How a node proves that it holds the cluster's keys before it may join (facts §2.6): the leader encrypts an answer
 * that only it can work out again, under the cluster's seal; who decrypts it may come in.
 */
import { decodeBase64 } from '../../codec/base64.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { refuse } from '../../fault.ts';

const SALT = 'openbao-raft-peer-challenge';
const ANSWER_BYTES = 24;
const MAX_SERVER_ID = 16_384;

export class JoinChallenges {
  readonly #crypto: Crypto;
  readonly #secret: Uint8Array;

  /** `secret` is random and lives as long as the process: answers do not survive a restart. */
  constructor(crypto: Crypto, secret: Uint8Array) {
    this.#crypto = crypto;
    this.#secret = secret;
  }

  /** What the joiner has to come back with; the caller encrypts it with the seal. */
  answerFor(serverId: string): Uint8Array {
    if (serverId === '') throw refuse('no server id provided');
    if (serverId.length > MAX_SERVER_ID) throw refuse('server id exceeds max length');
    const salt = encodeUtf8(SALT);
    return this.#crypto.hkdf('sha256', this.#secret, salt, encodeUtf8(serverId), 32).subarray(0, ANSWER_BYTES);
  }

  /** Throws upstream's faults unless `answer` (base64) is right. */
  check(serverId: string, answer: string): void {
    if (answer === '') throw refuse('no answer provided');
    let given: Uint8Array;
    try {
      given = decodeBase64(answer);
    } catch {
      throw refuse('could not base64 decode answer');
    }
    if (!this.#crypto.equal(given, this.answerFor(serverId))) throw refuse('invalid answer given');
  }
}
