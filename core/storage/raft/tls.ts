/**
 * The keys that raft's connections are made with: the object at `core/raft/tls`, in upstream's JSON (facts §2.8).
 *
 * In simulation there is no TLS, and random bytes take the place of certificate and key; what matters there is that all
 * nodes learn of a rotation before it takes effect.
 */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { asList, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { jsonObject, parseObject, printString } from '../../codec/json.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import { makeUuid } from '../../codec/uuid.ts';
import type { Micros, NodeIdentity, Runtime } from '../../runtime.ts';
import { parseKeyParameters, placeholderKey, printKeyParameters } from './key-parameters.ts';

export const RAFT_TLS_PATH = 'core/raft/tls';
export const TLS_ROTATION_PERIOD: Micros = 24 * 3_600_000_000;
/** When the last rotation is still on its way. */
export const TLS_ROTATION_RETRY: Micros = 5 * 60_000_000;
/** How often the leader looks whether all followers have the new key. */
export const TLS_COMMIT_CHECK: Micros = 60_000_000;

export interface TlsKey extends NodeIdentity {
  readonly id: string;
  /** Wall micros. */
  readonly created: Micros;
  /** 0 until the keyring was written a second time. */
  readonly appliedIndex: number;
}

export interface TlsKeyring {
  readonly keys: readonly TlsKey[];
  readonly appliedIndex: number;
  readonly term: number;
  readonly activeKeyId: string;
}

export function makeTlsKey(runtime: Runtime): TlsKey {
  const random = (length: number): Uint8Array => runtime.random.bytes(length);
  const id = `raft-${makeUuid(random)}`;
  const { certificate, key } = runtime.network.tls?.makeIdentity(id) ?? {
    certificate: random(64),
    key: placeholderKey(random),
  };
  return { id, certificate, key, created: runtime.clock.wall(), appliedIndex: 0 };
}

export function makeTlsKeyring(runtime: Runtime): TlsKeyring {
  const key = makeTlsKey(runtime);
  return { keys: [key], appliedIndex: 0, term: 0, activeKeyId: key.id };
}

/** One line with its break, as upstream stores JSON. */
export function printTlsKeyring({ keys, appliedIndex, term, activeKeyId }: TlsKeyring): string {
  const printed = keys.map((key) => {
    const parameters = printKeyParameters(key.key);
    return `{"id":${printString(key.id)},"key_type":"p521","applied_index":${key.appliedIndex},"cluster_cert":"${encodeBase64(key.certificate)}","cluster_key_params":${parameters},"created_time":"${formatRfc3339(key.created)}"}`;
  });
  return `{"keys":[${printed.join(',')}],"applied_index":${appliedIndex},"term":${term},"active_key_id":${printString(activeKeyId)}}\n`;
}

export function parseTlsKeyring(text: string | Uint8Array): TlsKeyring {
  const stored = parseObject(text);
  const keys = (asList(stored['keys']) ?? []).map((item): TlsKey => {
    const key = asObject(item) ?? jsonObject({});
    return {
      id: asString(key['id']) ?? '',
      certificate: decodeBase64(asString(key['cluster_cert']) ?? ''),
      key: parseKeyParameters(key['cluster_key_params']),
      created: parseRfc3339(asString(key['created_time']) ?? '') ?? 0,
      appliedIndex: asNumber(key['applied_index']) ?? 0,
    };
  });
  return {
    keys,
    appliedIndex: asNumber(stored['applied_index']) ?? 0,
    term: asNumber(stored['term']) ?? 0,
    activeKeyId: asString(stored['active_key_id']) ?? '',
  };
}

/** What connections may be made with, the one in use first. */
export const identitiesOf = ({ keys, activeKeyId }: TlsKeyring): readonly NodeIdentity[] => [
  ...keys.filter(({ id }) => id === activeKeyId),
  ...keys.filter(({ id }) => id !== activeKeyId),
];

/** What the leader does when it is time to rotate: the keyring to write, or why not. */
export function beginRotation(runtime: Runtime, keyring: TlsKeyring): TlsKeyring | 'pending' {
  if (keyring.keys.length > 1) return 'pending';
  return { ...keyring, term: keyring.term + 1, keys: [...keyring.keys, makeTlsKey(runtime)] };
}

/** The second write: from which index on a node knows the new key. */
export const recordRotation = (keyring: TlsKeyring, appliedIndex: number): TlsKeyring => ({
  ...keyring,
  appliedIndex,
  keys: keyring.keys.map((key, at) => (at === 1 ? { ...key, appliedIndex } : key)),
});

/** The last write, once every follower has applied that index; undefined as long as one has not. */
export function finishRotation(keyring: TlsKeyring, lowestFollower: number | undefined): TlsKeyring | undefined {
  const [, next] = keyring.keys;
  if (next === undefined || next.appliedIndex !== keyring.appliedIndex) return undefined;
  if (lowestFollower !== undefined && lowestFollower < keyring.appliedIndex) return undefined;
  return { ...keyring, keys: [next], activeKeyId: next.id, term: keyring.term + 1 };
}
