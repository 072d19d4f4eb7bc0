/** What a RADIUS server answers: who knows the secret is told whether a name and a password belong together. */
import { ACCESS_ACCEPT, ACCESS_REJECT, ACCESS_REQUEST, attributeOf, decodeRadius } from '../../core/codec/radius.ts';
import { encodeAnswer, revealPassword, USER_NAME, USER_PASSWORD } from '../../core/codec/radius.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';

export class RadiusApi {
  /** By name. */
  readonly passwords: Map<string, string>;
  readonly #crypto: Crypto;
  readonly #secret: Uint8Array;

  constructor(crypto: Crypto, secret: string, passwords: Readonly<Record<string, string>>) {
    this.#crypto = crypto;
    this.#secret = encodeUtf8(secret);
    this.passwords = new Map(Object.entries(passwords));
  }

  /** Undefined for what is no question. */
  answer(question: Uint8Array): Uint8Array | undefined {
    const packet = decodeRadius(question);
    if (packet?.code !== ACCESS_REQUEST) return undefined;
    const hidden = attributeOf(packet, USER_PASSWORD);
    const password = decodeUtf8(revealPassword(this.#crypto, hidden, this.#secret, packet.authenticator));
    const right = this.passwords.get(decodeUtf8(attributeOf(packet, USER_NAME))) === password;
    return this.say(right ? ACCESS_ACCEPT : ACCESS_REJECT, question);
  }

  say(code: number, question: Uint8Array, secret = this.#secret): Uint8Array {
    return encodeAnswer(this.#crypto, code, [], question, secret);
  }
}
