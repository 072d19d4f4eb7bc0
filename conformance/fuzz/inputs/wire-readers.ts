/** What other programs send, and what is stored: frames, archives, messages. */
import { BerError } from '../../../core/codec/ldap/ber.ts';
import { decodeMessage, encodeMessage } from '../../../core/codec/ldap/message.ts';
import { parseFilter } from '../../../core/codec/ldap/filter.ts';
import { LdapError } from '../../../core/codec/ldap/result-code.ts';
import { JsonError, parse } from '../../../core/codec/json.ts';
import { ProtobufError } from '../../../core/codec/protobuf.ts';
import { decodeRadius, encodeRadius } from '../../../core/codec/radius.ts';
import { readTar, TarError, writeTar } from '../../../core/codec/tar.ts';
import { decodeTtlv, encodeTtlv, TtlvError } from '../../../core/codec/ttlv.ts';
import { encodeUtf8 } from '../../../core/codec/utf8.ts';
import { parseBlob, serialiseBlob } from '../../../core/server/seal/blob.ts';
import { bytes, type InputReader } from './parser.ts';

export const wireReaders = (): InputReader[] => [
  bytes('LDAP message', {
    samples: [
      encodeMessage({
        id: 1,
        body: {
          kind: 'search',
          base: 'dc=x',
          scope: 'subtree',
          aliases: 'never',
          sizeLimit: 0,
          filter: parseFilter('(&(a=b*c)(!(d=e)))'),
          attributes: ['cn'],
        },
        controls: [{ type: '1.2.3', critical: true, value: Uint8Array.of(1) }],
      }),
    ],
    read: decodeMessage,
    refusals: [BerError, LdapError],
  }),
  bytes('TTLV', {
    samples: [
      encodeTtlv({
        tag: 0x42_00_78,
        type: 'structure',
        value: [
          { tag: 0x42_00_69, type: 'integer', value: 1 },
          { tag: 0x42_00_94, type: 'text', value: 'abc' },
        ],
      }),
    ],
    read: decodeTtlv,
    refusals: [TtlvError],
  }),
  bytes('RADIUS', {
    samples: [
      encodeRadius({
        code: 2,
        identifier: 7,
        authenticator: new Uint8Array(16),
        attributes: [{ type: 18, value: encodeUtf8('Hello') }],
      }),
    ],
    read: decodeRadius,
    refusals: [],
  }),
  bytes('tar', {
    samples: [
      writeTar([
        { name: 'meta.json', data: encodeUtf8('{}'), mode: 0o600 },
        { name: 'state.bin', data: new Uint8Array(700), mode: 0o600 },
      ]),
    ],
    read: readTar,
    refusals: [TarError],
  }),
  bytes('seal blob', {
    samples: [
      serialiseBlob({ ciphertext: new Uint8Array(40), iv: new Uint8Array(12), keyId: 'k' }),
      serialiseBlob({
        ciphertext: new Uint8Array(4),
        iv: new Uint8Array(0),
        keyId: '',
        envelope: { wrappedKey: new Uint8Array(9), mechanism: 2 },
      }),
    ],
    read: parseBlob,
    refusals: [ProtobufError],
  }),
  bytes('JSON body', {
    samples: [encodeUtf8('{"a":[1,{"é":"\\u00e9"}],"b":null}')],
    read: parse,
    refusals: [JsonError],
  }),
];
