/** What is encrypted, and keys (RFC 4120, section 5.2.9). */
import type { DerReader } from '../der-reader.ts';
import { der, TAG } from '../der.ts';
import { int32, may, must, readInt32, readInt64 } from './application.ts';

export interface EncryptedData {
  readonly type: number;
  /** Of the key; 0 when it is not said. */
  readonly version: number;
  readonly cipher: Uint8Array;
}

export interface EncryptionKey {
  readonly type: number;
  readonly value: Uint8Array;
}

export function readEncrypted(reader: DerReader): EncryptedData {
  const inside = reader.sequence();
  const type = readInt32(must(inside, 0));
  const versioned = may(inside, 1, TAG.integer);
  const version = versioned === undefined ? 0 : readInt64(versioned);
  return { type, version, cipher: must(inside, 2).octets() };
}

export const encodeEncrypted = ({ type, version, cipher }: EncryptedData): Uint8Array =>
  der.sequence(
    der.explicit(0, int32(type)),
    ...(version === 0 ? [] : [der.explicit(1, int32(version))]),
    der.explicit(2, der.octets(cipher)),
  );

export function readKey(reader: DerReader): EncryptionKey {
  const inside = reader.sequence();
  return { type: readInt32(must(inside, 0)), value: must(inside, 1).octets() };
}

export const encodeKey = ({ type, value }: EncryptionKey): Uint8Array =>
  der.sequence(der.explicit(0, int32(type)), der.explicit(1, der.octets(value)));
