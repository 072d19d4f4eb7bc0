/** What the active node says of itself at `core/leader/<lock uuid>`, in upstream's JSON (facts §3.1). */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import { asString } from '../../codec/json-fields.ts';
import { parseObject, printString } from '../../codec/json.ts';
import { makeUuid } from '../../codec/uuid.ts';
import type { NodeIdentity, Runtime } from '../../runtime.ts';
import { parseKeyParameters, placeholderKey, printKeyParameters } from '../../storage/raft/key-parameters.ts';

export const LEADER_PREFIX = 'core/leader/';
export const LOCK_PATH = 'core/lock';

const SECRET_BYTES = 65;

export interface Advertisement {
  readonly apiAddress: string;
  /** With 'https://' in front, as configured. */
  readonly clusterAddress: string;
  /** What standbys and the active node prove themselves with. */
  readonly identity: NodeIdentity;
}

/** A new identity for a new term of office. Without TLS there is a secret only: nothing would read a certificate. */
export function makeClusterIdentity({ network, random, log }: Runtime): NodeIdentity {
  const bytes = (length: number): Uint8Array => random.bytes(length);
  const host = `fw-${makeUuid(bytes)}`;
  log.write('debug', 'core', 'generating cluster private key');
  log.write('debug', 'core', 'generating local cluster certificate', { host });
  return network.tls?.makeIdentity(host) ?? { certificate: noBytes, key: placeholderKey(bytes) };
}

/** What only those know who can read the barrier. */
export function sharedSecret({ key }: NodeIdentity): Uint8Array {
  const secret = new Uint8Array(SECRET_BYTES);
  let rest = key.d;
  for (let at = SECRET_BYTES - 1; at >= 0; at--, rest >>= 8n) secret[at] = Number(rest & 0xffn);
  return secret;
}

export function printAdvertisement({ apiAddress, clusterAddress, identity }: Advertisement): string {
  const { certificate, key } = identity;
  return `{"redirect_addr":${printString(apiAddress)},"cluster_addr":${printString(clusterAddress)},"cluster_cert":"${encodeBase64(certificate)}","cluster_key_params":${printKeyParameters(key)}}\n`;
}

export function parseAdvertisement(text: string | Uint8Array): Advertisement {
  const stored = parseObject(text);
  return {
    apiAddress: asString(stored['redirect_addr']) ?? '',
    clusterAddress: asString(stored['cluster_addr']) ?? '',
    identity: {
      certificate: decodeBase64(asString(stored['cluster_cert']) ?? ''),
      key: parseKeyParameters(stored['cluster_key_params']),
    },
  };
}
