/** A key as clients see it: never its material. */
import { encodeBase64 } from '../../codec/base64.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { spkiPem } from '../../crypto/keys/pem.ts';
import { SECOND } from '../../runtime.ts';
import { deriveSeed } from './derive.ts';
import { derives, encrypts, signs } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { publicKeyOfVersion } from './material.ts';
import type { Moment, Policy } from './policy.ts';

const moment = ({ time, version }: Moment): JsonObject => ({ time, version });

/** Without a last line break. */
export const chainPem = (chain: readonly Uint8Array[]): string =>
  chain
    .map((certificate) => encodePem('CERTIFICATE', certificate))
    .join('')
    .trimEnd();

/** `context` is empty unless the client wants the public key derived from it. */
export function shownPolicy(crypto: Crypto, policy: Policy, context: Uint8Array): JsonObject {
  const { type } = policy;
  const data: JsonObject = {
    name: policy.name,
    type: type.name,
    derived: policy.derived,
    deletion_allowed: policy.deletionAllowed,
    min_available_version: policy.minAvailableVersion,
    min_decryption_version: policy.minDecryptionVersion,
    min_encryption_version: policy.minEncryptionVersion,
    latest_version: policy.latestVersion,
    exportable: policy.exportable,
    allow_plaintext_backup: policy.allowPlaintextBackup,
    supports_encryption: encrypts(type),
    supports_decryption: encrypts(type),
    supports_signing: signs(type),
    supports_derivation: derives(type),
    auto_rotate_period: Math.trunc(policy.autoRotatePeriod / SECOND),
    imported_key: policy.imported,
    soft_deleted: policy.softDeleted,
  };
  if (policy.keySize !== 0) data['key_size'] = policy.keySize;
  if (policy.imported) data['imported_key_allow_rotation'] = policy.allowImportedKeyRotation;
  if (policy.backupInfo !== undefined) data['backup_info'] = moment(policy.backupInfo);
  if (policy.restoreInfo !== undefined) data['restore_info'] = moment(policy.restoreInfo);
  if (policy.derived) Object.assign(data, shownDerivation(policy));
  if (type.kind !== 'hmac') {
    data['keys'] = Object.fromEntries(
      [...policy.keys].map(([number, version]) => [number, shownVersion(crypto, policy, version, context)]),
    );
  }
  return data;
}

function shownDerivation({ kdf, convergent, convergentVersion }: Policy): JsonObject {
  const data: JsonObject = { kdf, convergent_encryption: convergent };
  if (kdf === 'hmac-sha256-counter') data['kdf_mode'] = kdf;
  if (convergent) data['convergent_encryption_version'] = convergentVersion;
  return data;
}

function shownVersion(crypto: Crypto, policy: Policy, version: KeyVersion, context: Uint8Array): JsonValue {
  const { type } = policy;
  if (type.kind === 'external') return version.externalKeyRef;
  if (type.kind === 'cipher' || type.kind === 'hmac') return version.creationTime;
  return {
    certificate_chain: version.certificateChain === undefined ? '' : chainPem(version.certificateChain),
    creation_time: version.time,
    name: type.kind === 'ecdsa' ? type.curveName : type.name,
    public_key: shownPublicKey(crypto, policy, version, context),
  };
}

function shownPublicKey(crypto: Crypto, policy: Policy, version: KeyVersion, context: Uint8Array): string {
  const { type } = policy;
  if (type.kind === 'rsa') return spkiPem(publicKeyOfVersion(crypto, type, version)!);
  if (!policy.derived || type.kind !== 'ed25519') return version.publicKey;
  if (context.length === 0) return '';
  const key = publicKeyOf(crypto, { kind: 'ed25519', seed: deriveSeed(crypto, policy, version, context) });
  return key.kind === 'ed25519' ? encodeBase64(key.bytes) : '';
}
