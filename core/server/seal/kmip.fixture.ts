/** A KMIP server as far as a seal asks one, on a connection without a network; keys by their ids. */
import { concatBytes } from '../../codec/bytes.ts';
import { decodeTtlv, encodeTtlv, type Ttlv } from '../../codec/ttlv.ts';
import { NetworkError, type Connection, type OutgoingTls, type Streams } from '../../runtime.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { bytesOf, find, numberOf } from './kmip-client.ts';
import { algorithms, objectTypes, operations, PUBLIC_KEY_LINK, tags, usage } from './kmip-names.ts';

export interface KmipKey {
  readonly type: number;
  readonly algorithm: number;
  readonly usage: number;
  /** Of the public key. */
  readonly link?: string;
}

const BOTH = usage.encrypt + usage.decrypt;
const TAG = 16;

export class KmipDouble implements Streams {
  readonly runtime = testRuntime();
  /** Minor versions that it speaks. */
  versions: readonly number[] = [4, 3, 2, 1, 0];
  away = false;
  /** Answers come in pieces of that many bytes. */
  piece = 100;
  /** Asked for, with the version it was asked in. */
  readonly asked: { readonly operation: number; readonly minor: number; readonly payload: Ttlv }[] = [];
  readonly dialled: { readonly address: string; readonly tls: OutgoingTls | undefined }[] = [];
  readonly keys = new Map<string, KmipKey>([
    ['1', { type: objectTypes.symmetricKey, algorithm: algorithms.aes, usage: BOTH }],
    ['encrypts', { type: objectTypes.symmetricKey, algorithm: algorithms.aes, usage: usage.encrypt }],
    ['private', { type: objectTypes.privateKey, algorithm: algorithms.rsa, usage: usage.decrypt, link: 'public' }],
    ['public', { type: objectTypes.publicKey, algorithm: algorithms.rsa, usage: usage.encrypt }],
    ['lonely', { type: objectTypes.privateKey, algorithm: algorithms.rsa, usage: usage.decrypt }],
  ]);
  readonly #aead = this.runtime.crypto.aesGcm(new Uint8Array(32).fill(7));

  async dial(address: string, _timeout: number, tls?: OutgoingTls): Promise<Connection> {
    if (this.away) throw new NetworkError('refused', `dial tcp ${address}: connect: connection refused`);
    this.dialled.push({ address, tls });
    let receive: (bytes: Uint8Array) => void = () => undefined;
    return {
      local: 'a:1',
      remote: address,
      send: (message) => {
        const answer = this.#answer(decodeTtlv(message));
        for (let at = 0; at < answer.length; at += this.piece) receive(answer.subarray(at, at + this.piece));
      },
      onMessage: (handler) => {
        receive = handler;
      },
      onClose: () => undefined,
      close: () => undefined,
    };
  }

  #answer(request: Ttlv): Uint8Array {
    const version = find(find(request, tags.requestHeader), tags.protocolVersion)!;
    const item = find(request, tags.batchItem);
    const operation = numberOf(find(item, tags.operation))!;
    const payload = find(item, tags.requestPayload)!;
    this.asked.push({ operation, minor: numberOf(find(version, tags.versionMinor))!, payload });
    const done = this.#do(operation, payload);
    const result: Ttlv[] =
      typeof done === 'string'
        ? [number(tags.resultStatus, 1), number(tags.resultReason, 1), text(tags.resultMessage, done)]
        : [number(tags.resultStatus, 0), { tag: tags.responsePayload, type: 'structure', value: done }];
    return encodeTtlv(
      structure(tags.responseMessage, [
        structure(tags.responseHeader, [version, { tag: tags.batchCount, type: 'integer', value: 1 }]),
        structure(tags.batchItem, [number(tags.operation, operation), ...result]),
      ]),
    );
  }

  /** The payload, or what is refused. */
  #do(operation: number, payload: Ttlv): readonly Ttlv[] | string {
    if (operation === operations.discoverVersions) return this.#common(payload);
    const id = find(payload, tags.uniqueIdentifier);
    const name = id?.type === 'text' ? id.value : '';
    const key = this.keys.get(name);
    if (key === undefined) return `Could not locate object: ${name}`;
    const nonce = find(payload, tags.nonce) === undefined ? new Uint8Array(12) : bytesOf(find(payload, tags.nonce));
    const data = bytesOf(find(payload, tags.data));
    switch (operation) {
      case operations.getAttributes:
        return attributesOf(key);
      case operations.encrypt: {
        const sealed = this.#aead.seal(nonce, data);
        const end = sealed.length - TAG;
        return [bytes(tags.data, sealed.slice(0, end)), bytes(tags.authenticationTag, sealed.slice(end))];
      }
      default:
        return [
          bytes(tags.data, this.#aead.open(nonce, concatBytes(data, bytesOf(find(payload, tags.authenticationTag))))),
        ];
    }
  }

  #common(payload: Ttlv): readonly Ttlv[] {
    const wanted = payload.type === 'structure' ? payload.value : [];
    return wanted.filter((version) => this.versions.includes(numberOf(find(version, tags.versionMinor))!));
  }
}

const structure = (tag: number, value: readonly Ttlv[]): Ttlv => ({ tag, type: 'structure', value });
const number = (tag: number, value: number): Ttlv => ({ tag, type: 'enumeration', value });
const text = (tag: number, value: string): Ttlv => ({ tag, type: 'text', value });
const bytes = (tag: number, value: Uint8Array): Ttlv => ({ tag, type: 'bytes', value });

const attribute = (name: string, value: Ttlv): Ttlv =>
  structure(tags.attribute, [text(tags.attributeName, name), value]);

const attributesOf = ({ type, algorithm, usage: mask, link }: KmipKey): Ttlv[] => [
  attribute('Object Type', number(tags.attributeValue, type)),
  attribute('Cryptographic Algorithm', number(tags.attributeValue, algorithm)),
  attribute('Cryptographic Usage Mask', { tag: tags.attributeValue, type: 'integer', value: mask }),
  ...(link === undefined
    ? []
    : [
        attribute(
          'Link',
          structure(tags.attributeValue, [number(tags.linkType, PUBLIC_KEY_LINK), text(tags.linkedObject, link)]),
        ),
      ]),
];
