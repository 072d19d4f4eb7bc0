/** Giving out keys: in the clear, or wrapped for another key. */
import { encodeBase64 } from '../../codec/base64.ts';
import type { JsonObject } from '../../codec/json.ts';
import { encodePem } from '../../codec/pem.ts';
import { goAtoi } from '../../codec/go-atoi.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import type { PrivateKey, PublicKey } from '../../crypto/keys/key.ts';
import { spkiPem, traditionalPem } from '../../crypto/keys/pem.ts';
import { toPkcs8 } from '../../crypto/keys/private-container.ts';
import { toSpki } from '../../crypto/keys/public-container.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { checkUsable } from './cipher.ts';
import { encrypts, signs, type KeyType } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { privateKeyOf, publicKeyOfVersion } from './material.ts';
import type { Policy } from './policy.ts';
import { chainPem } from './show.ts';
import { wrapFor } from './wrap.ts';

const EXPORTS = ['encryption-key', 'signing-key', 'hmac-key', 'public-key', 'certificate-chain'] as const;
type ExportType = (typeof EXPORTS)[number];
const FORMATS = ['', 'raw', 'der', 'pem'];

const isExport = (name: string): name is ExportType => (EXPORTS as readonly string[]).includes(name);

/** Numbers of the versions that a URL asks for: all, 'latest', or one. */
export function versionsAsked(policy: Policy, asked: string): number[] {
  if (asked === '') return [...policy.keys.keys()];
  if (asked === 'latest') return [policy.latestVersion];
  const number = goAtoi(asked);
  if (typeof number === 'string') throw refuse('invalid key version');
  if (number < policy.minDecryptionVersion) throw refuse('version for export is below minimum decryption version');
  if (!policy.keys.has(number)) throw refuse('version does not exist or cannot be found');
  return [number];
}

function checkType(policy: Policy, type: ExportType): void {
  if (type === 'encryption-key' && !encrypts(policy.type)) throw refuse('encryption not supported for the key');
  if (type === 'signing-key' && !signs(policy.type)) throw refuse('signing not supported for the key');
  if (type === 'certificate-chain' && !signs(policy.type)) {
    throw refuse('certificate chain not supported for keys that do not support signing');
  }
}

async function run(
  input: { readonly name: string; readonly type: string; readonly version: string; readonly format: string },
  call: TransitCall,
): Promise<Answer> {
  const { name, type, format } = input;
  if (!isExport(type)) throw refuse(`invalid export type: ${type}`);
  if (!FORMATS.includes(format)) throw refuse(`invalid format: ${format}`);
  const policy = await call.state.get(name, call.storage);
  if (policy === undefined) return undefined;
  checkUsable(policy, failure);
  const isPublic = type === 'public-key' || type === 'certificate-chain';
  if (!isPublic && !policy.exportable) throw refuse('private key material is not exportable');
  checkType(policy, type);
  const keys: JsonObject = {};
  for (const number of versionsAsked(policy, input.version)) {
    keys[number] = exported(call.runtime.crypto, policy.type, policy.keys.get(number)!, type, format);
  }
  return { name: policy.name, type: policy.type.name, keys };
}

function exported(crypto: Crypto, type: KeyType, version: KeyVersion, what: ExportType, format: string): string {
  if (what === 'certificate-chain') {
    if (version.certificateChain === undefined) {
      throw failure('selected key version does not have a certificate chain imported');
    }
    return chainPem(version.certificateChain);
  }
  if (what === 'hmac-key') return rawKey(version.hmacKey, format);
  if (what === 'public-key') {
    const key = publicKeyOfVersion(crypto, type, version);
    if (key === undefined) throw failure(`unknown key type ${type.name} for export type ${what}`);
    return publicText(key, type, format);
  }
  if (type.kind === 'external') throw failure(`unknown key type ${type.name} for export type ${what}`);
  if (type.kind === 'cipher') return rawKey(version.key, format);
  const key = privateKeyOf(type, version);
  return key === undefined ? '' : privateText(crypto, key, type, format);
}

function rawKey(key: Uint8Array | undefined, format: string): string {
  if (format !== '' && format !== 'raw') {
    throw failure('unknown format for HMAC key; supported values are `` or `raw`');
  }
  return key === undefined ? '' : encodeBase64(key);
}

/** Of RSA keys upstream leaves the last line break. */
const pemText = (type: KeyType, text: string): string => (type.kind === 'rsa' ? text : text.trimEnd());

function checkFormat(type: KeyType, format: string): void {
  if (format === 'raw' && type.kind !== 'ed25519') {
    const kind = type.kind === 'rsa' ? 'rsa' : 'ec';
    throw failure(`unknown key format for ${kind} key; supported values are \`\`, \`der\`, or \`pem\``);
  }
}

function publicText(key: PublicKey, type: KeyType, format: string): string {
  checkFormat(type, format);
  if (format === 'der') return encodeBase64(toSpki(key));
  if (key.kind === 'ed25519' && format !== 'pem') return encodeBase64(key.bytes);
  return pemText(type, spkiPem(key));
}

function privateText(crypto: Crypto, key: PrivateKey, type: KeyType, format: string): string {
  checkFormat(type, format);
  if (format === 'der') return encodeBase64(toPkcs8(crypto, key));
  if (format === 'pem') return pemText(type, encodePem('PRIVATE KEY', toPkcs8(crypto, key)));
  if (key.kind !== 'ed25519') return pemText(type, traditionalPem(crypto, key));
  const whole = new Uint8Array(64);
  whole.set(key.seed);
  whole.set(crypto.ed25519Public(key.seed), 32);
  return encodeBase64(whole);
}

/** The source's material, as an import of another mount takes it. */
async function byok(
  input: { readonly destination: string; readonly source: string; readonly version: string; readonly hash: string },
  call: TransitCall,
): Promise<Answer> {
  const { state, storage, runtime } = call;
  const destination = await state.get(input.destination, storage);
  if (destination === undefined) throw failure('no such destination key to export to');
  const source = await state.get(input.source, storage);
  if (source === undefined) throw failure('no such source key for export');
  if (destination.softDeleted) throw failure('for destination key: refusing to use soft-deleted key');
  if (source.softDeleted) throw failure('for source key: refusing to use soft-deleted key');
  if (!source.exportable) throw refuse('key is not exportable');
  const numbers = versionsAsked(source, input.version);
  const keys: JsonObject = {};
  for (const number of numbers) {
    keys[number] = wrapFor(runtime, destination, source.type, source.keys.get(number)!, input.hash);
  }
  return { name: source.name, type: source.type.name, keys };
}

const version = field.string('Version to export: a number or "latest"; all unless given.', { always: true });

export const exportPaths = transitPaths()
  .path(
    'export/:type/:name(/:version+)?',
    'The material of an exportable key.',
    {
      type: field.string('"encryption-key", "signing-key", "hmac-key", "public-key" or "certificate-chain".', {
        required: true,
      }),
      name: field.string('Name of the key.', { required: true }),
      version,
      format: field.string('"raw", "der" or "pem"; what is usual for the type unless given.', {
        default: '',
        unlisted: true,
      }),
    },
    { read: { about: 'Export a key.', run } },
    { id: { prefix: 'transit', verb: 'export', suffix: 'key|key-version' } },
  )
  .path(
    'byok-export/:destination/:source(/:version+)?',
    'The material of an exportable key, wrapped for another key.',
    {
      destination: field.string('Name of the RSA key to wrap for.', { required: true }),
      source: field.string('Name of the key to export.', { required: true }),
      version,
      hash: field.string('Hash of the wrapping: SHA1, SHA224, SHA256, SHA384 or SHA512.', {
        default: 'SHA256',
        unlisted: true,
      }),
    },
    { read: { about: 'Export a key so that only the owner of the other can read it.', run: byok } },
    { id: { prefix: 'transit', verb: 'byok', suffix: 'key|key-version' } },
  );
