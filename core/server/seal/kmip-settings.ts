/** `seal "kmip" { … }`: each variable of the environment wins over its setting. */
import { quote } from '../../codec/go-quote.ts';
import { parseGoUint } from '../../codec/go-uint.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { type Micros, type OutgoingTls, SECOND } from '../../runtime.ts';
import { CIPHER_SUITES } from '../configuration/cipher-suites.ts';
import type { MakeWrapper } from './configured.ts';
import { undialled } from './kmip-client.ts';
import { type KmipAlgorithm, kmipAlgorithms, KmipWrapper } from './kmip-wrapper.ts';

const DEFAULT_TIMEOUT = 10 * SECOND;

export const make: MakeWrapper = (runtime, settings, sources) => {
  const setting = (name: string): string =>
    sources.environment(`BAO_KMIP_${name.toUpperCase()}`) ?? settings[name] ?? '';
  const settingTimeout = secondsOf(settings['timeout'] ?? '', DEFAULT_TIMEOUT);
  const keyId =
    sources.environment('BAO_KMIP_WRAPPER_KEY_ID') ??
    sources.environment('VAULT_KMIP_SEAL_KEY_ID') ??
    settings['kms_key_id'] ??
    '';
  if (keyId === '') throw failure('key id not found (env or config) for kmip wrapper configuration');
  const timeout = secondsOf(sources.environment('BAO_KMIP_TIMEOUT') ?? '', settingTimeout);
  const name = setting('encrypt_alg') || 'AES_GCM';
  const algorithm = kmipAlgorithms.find((known): known is KmipAlgorithm => known === name);
  if (algorithm === undefined) throw failure(`invalid crypto parameters ${quote(name)}`);
  const file = (path: string): string => {
    try {
      return decodeUtf8(sources.readFile(path));
    } catch (error) {
      throw undialled(`failed to dial kmip connection endpoint: ${error instanceof Error ? error.message : ''}`);
    }
  };
  const tls = tlsOf(setting, file);
  return new KmipWrapper(runtime, { endpoint: setting('endpoint'), tls, timeout, keyId, algorithm });
};

/** Throws with Go's text for what is no number; `otherwise` for what is not said, and for 0. */
function secondsOf(text: string, otherwise: Micros): Micros {
  if (text === '') return otherwise;
  const seconds = parseGoUint(text, 64);
  if (!Number.isSafeInteger(seconds * SECOND)) {
    throw failure(`strconv.ParseUint: parsing ${quote(text)}: value out of range`);
  }
  return seconds === 0 ? otherwise : seconds * SECOND;
}

function tlsOf(setting: (name: string) => string, file: (path: string) => string): OutgoingTls {
  const ca = setting('ca_cert');
  const certificate = setting('client_cert');
  const key = setting('client_key');
  const serverName = setting('server_name');
  const client = certificate !== '' || key !== '';
  const names = setting('tls12_ciphers');
  const authority = ca === '' ? undefined : file(ca);
  return {
    ...(authority === undefined ? {} : { ca: authority }),
    ...(client ? { certificate: file(certificate), key: file(key) } : {}),
    ...(serverName === '' ? {} : { serverName }),
    ...(names === '' ? {} : { ciphers: names.split(',').map((name) => cipherOf(name.trim())) }),
  };
}

function cipherOf(name: string): string {
  const known = Object.hasOwn(CIPHER_SUITES, name) ? CIPHER_SUITES[name] : undefined;
  if (known !== undefined) return known;
  throw undialled(`failed to dial kmip connection endpoint: invalid TLS cipher name ${quote(name)}`);
}
