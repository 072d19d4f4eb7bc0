/** What the active node says of itself at `core/leader/<lock uuid>`, in upstream's JSON (facts §3.1). */
import { asObject, asString } from '../../codec/json-fields.ts';
import { JsonNumber, parseObject, printString } from '../../codec/json.ts';
import type { Random } from '../../runtime.ts';

export const LEADER_PREFIX = 'core/leader/';
export const LOCK_PATH = 'core/lock';

export interface Advertisement {
  readonly apiAddress: string;
  /** With 'https://' in front, as configured. */
  readonly clusterAddress: string;
  /** What forwarded requests are encrypted with: upstream's private key of the cluster certificate. */
  readonly clusterKey: Uint8Array;
}

/** A new key for a new term of office. */
export const makeClusterKey = (random: Random): Uint8Array => random.bytes(65);

/** Without a certificate: nothing here would read it. */
export function printAdvertisement({ apiAddress, clusterAddress, clusterKey }: Advertisement): string {
  const d = clusterKey.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return `{"redirect_addr":${printString(apiAddress)},"cluster_addr":${printString(clusterAddress)},"cluster_cert":"","cluster_key_params":{"type":"p521","x":0,"y":0,"d":${d}}}\n`;
}

export function parseAdvertisement(text: string | Uint8Array): Advertisement {
  const stored = parseObject(text);
  const d = asObject(stored['cluster_key_params'])?.['d'];
  let rest = d instanceof JsonNumber ? BigInt(d.literal) : BigInt(typeof d === 'number' ? d : 0);
  const clusterKey = new Uint8Array(65);
  for (let at = clusterKey.length - 1; at >= 0; at--, rest >>= 8n) clusterKey[at] = Number(rest & 0xffn);
  return {
    apiAddress: asString(stored['redirect_addr']) ?? '',
    clusterAddress: asString(stored['cluster_addr']) ?? '',
    clusterKey,
  };
}
