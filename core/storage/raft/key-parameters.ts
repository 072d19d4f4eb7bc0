/** A private key on P-521 as upstream stores it beside a certificate: `{"type":"p521","x":…,"y":…,"d":…}`. */
import { asObject } from '../../codec/json-fields.ts';
import { JsonNumber } from '../../codec/json.ts';
import type { JsonValue } from '../../codec/json.ts';
import type { NodeIdentity } from '../../runtime.ts';

type Key = NodeIdentity['key'];

export const printKeyParameters = ({ x, y, d }: Key): string => `{"type":"p521","x":${x},"y":${y},"d":${d}}`;

/** What is missing is 0. */
export function parseKeyParameters(stored: JsonValue | undefined): Key {
  const fields = asObject(stored);
  const integer = (name: string): bigint => {
    const value = fields?.[name];
    if (value instanceof JsonNumber) return BigInt(value.literal);
    return typeof value === 'number' ? BigInt(value) : 0n;
  };
  return { x: integer('x'), y: integer('y'), d: integer('d') };
}

/** Where no certificate will ever be shown: a secret, and no point. */
export const placeholderKey = (random: (length: number) => Uint8Array): Key => ({
  x: 0n,
  y: 0n,
  d: random(65).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
});
