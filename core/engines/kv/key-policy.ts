/**
 * The key that encrypts the names of metadata entries: one convergent AES-256 key in the transit engine's storage form
 * (`policy/metadata`, with its archive beside it), so that the real server reads what we write.
 */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject, parse, print } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import type { Micros } from '../../runtime.ts';

type Ordered = Map<string, JsonValue>;

const ordered = (fields: Record<string, JsonValue>): Ordered => new Map(Object.entries(fields));

function keyEntry(key: string | null, hmacKey: string | null, time: string, created: number): Ordered {
  return ordered({
    key,
    hmac_key: hmacKey,
    time,
    ec_x: null,
    ec_y: null,
    ec_d: null,
    rsa_key: null,
    rsa_public_key: null,
    public_key: '',
    convergent_version: key === null ? 0 : 3,
    creation_time: created,
    certificate_chain: null,
    external_key_ref: '',
  });
}

/** What to store for a fresh key: the archive is written first, as upstream does. */
export function newKeyPolicy(
  key: Uint8Array,
  hmacKey: Uint8Array,
  prefix: string,
  now: Micros,
): { readonly policy: Uint8Array; readonly archive: Uint8Array } {
  const entry = keyEntry(encodeBase64(key), encodeBase64(hmacKey), formatRfc3339(now), Math.floor(now / 1_000_000));
  const archive = ordered({ keys: [keyEntry(null, null, '0001-01-01T00:00:00Z', 0), entry] });
  const policy = ordered({
    name: 'metadata',
    keys: new Map([['1', entry as JsonValue]]),
    derived: true,
    kdf: 1,
    convergent_encryption: true,
    exportable: false,
    min_decryption_version: 1,
    min_encryption_version: 0,
    latest_version: 1,
    archive_version: 1,
    archive_min_version: 0,
    min_available_version: 0,
    deletion_allowed: false,
    convergent_version: -1,
    type: 0,
    backup_info: null,
    restore_info: null,
    allow_plaintext_backup: false,
    version_template: '{{version}}:',
    storage_prefix: prefix,
    auto_rotate_period: 0,
    Imported: false,
    AllowImportedKeyRotation: false,
    soft_deleted: false,
  });
  return { policy: encodeUtf8(print(policy)), archive: encodeUtf8(print(archive)) };
}

/** The AES key of a stored policy (KV never rotates it, so there is one version). */
export function readKeyPolicy(stored: Uint8Array): Uint8Array {
  const policy = parse(stored);
  const keys = isObject(policy) ? policy['keys'] : undefined;
  const first = isObject(keys) ? keys['1'] : undefined;
  const key = isObject(first) ? asString(first['key']) : undefined;
  if (key === undefined) throw failure('no key in the metadata policy');
  return decodeBase64(key);
}
