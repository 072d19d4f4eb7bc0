/** `seal "pkcs11" { … }`: each variable BAO_HSM_… wins over its setting. */
import { decodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import type { MakeWrapper, SealSources } from './configured.ts';
import { CKA } from './pkcs11-module.ts';
import { mechanismOf, oaepHashOf, prefixedUint } from './pkcs11-names.ts';
import { Pkcs11Wrapper } from './pkcs11-wrapper.ts';

/** Names that a setting had earlier. */
const renamed = [
  ['module', 'lib'],
  ['token', 'token_label'],
  ['key', 'key_label'],
] as const;

const MAX_PARALLEL = 1024;

export const make: MakeWrapper = (runtime, settings, sources) => {
  const setting = (name: string): string =>
    sources.environment(`BAO_HSM_${name.toUpperCase()}`) ?? settings[name] ?? '';
  for (const [old, now] of renamed) {
    if (settings[old] !== undefined) throw failure(`deprecated config option: "${old}", use "${now}" instead`);
  }
  const slot = numberOf('slot number', setting('slot').toLowerCase());
  const maxParallel = numberOf('max sessions value', setting('max_parallel')) || MAX_PARALLEL;
  const software = truthOf(setting('software_encryption'));
  const pin = pinOf(setting('pin'), sources);
  const key = keyOf(setting('key_id').replace(/^0x/, ''), setting('key_label'));
  const mechanism = mechanismOf(setting('mechanism'));
  const hash = oaepHashOf(setting('rsa_oaep_hash'));
  const library = setting('lib');
  if (library === '') throw failure('module path must be set');
  // What is found by searching is not known to be what was meant.
  if (!library.includes('/')) throw failure('module loading via search paths is not allowed');
  if (sources.openModule === undefined) throw failure('there are no modules here');
  const keyId = `${setting('key_id')}:${setting('key_label')}`;
  return new Pkcs11Wrapper(runtime, {
    open: () => sources.openModule!(library),
    slot,
    tokenLabel: setting('token_label'),
    pin,
    key,
    keyId,
    mechanism,
    hash,
    software,
    maxParallel,
  });
};

function numberOf(what: string, text: string): number | undefined {
  if (text === '') return undefined;
  try {
    return prefixedUint(text);
  } catch (error) {
    throw failure(`failed to parse ${what}: ${error instanceof Error ? error.message : ''}`);
  }
}

function truthOf(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === '' || lower === 'true' || lower === '1') return true;
  if (lower === 'false' || lower === '0') return false;
  throw failure(`failed to parse boolean value: ${text}`);
}

/** May lie in a file or in a variable of its own. */
function pinOf(text: string, sources: SealSources): string {
  if (text.startsWith('env://')) return sources.environment(text.slice('env://'.length)) ?? '';
  if (!text.startsWith('file://')) return text;
  try {
    return decodeUtf8(sources.readFile(text.slice('file://'.length))).trim();
  } catch (error) {
    throw failure(`error reading file at ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the key is looked for by. An id that is no hexadecimal number counts as none. */
function keyOf(id: string, label: string): ReadonlyMap<number, Uint8Array> {
  const key = new Map<number, Uint8Array>();
  if (/^([0-9a-fA-F]{2})+$/.test(id)) key.set(CKA.id, decodeHex(id));
  if (label !== '') key.set(CKA.label, encodeUtf8(label));
  if (key.size === 0) throw failure('at least one of key id, key label must be set');
  return key;
}
