/** What a listener agrees on with its clients, as Go's server has it: its suites in its order, its groups, its signatures. */
import type { TlsOptions } from 'node:tls';
import { CIPHER_SUITES, KEY_EXCHANGES } from '../core/server/configuration/cipher-suites.ts';

const OFFERED = /^TLS_ECDHE_(?:RSA|ECDSA)_WITH_(?:AES_\d+_GCM|CHACHA20|AES_\d+_CBC_SHA$)/;
const TLS13 = Object.values(CIPHER_SUITES).filter((suite) => suite.startsWith('TLS_'));
const TLS12 = Object.values(CIPHER_SUITES).filter((suite) => !suite.startsWith('TLS_'));
const DEFAULT_TLS12: readonly string[] = Object.entries(CIPHER_SUITES).flatMap(([name, suite]) =>
  OFFERED.test(name) ? [suite] : [],
);

const SIGNATURES = [
  'rsa_pss_rsae_sha256',
  'ecdsa_secp256r1_sha256',
  'ed25519',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
];

const WEEK = 7 * 24 * 3_600;

/**
 * Suites and groups in OpenSSL's names; none: Go's defaults. In what order they are configured is nothing to Go. Suites of
 * TLS 1.3 are always there.
 */
export function tlsAgreement(ciphers: readonly string[] = [], groups: readonly string[] = []): TlsOptions {
  const { constants } = process.getBuiltinModule('node:crypto');
  const known = new Set(process.getBuiltinModule('node:tls').getCiphers());
  const wanted = ciphers.length === 0 ? DEFAULT_TLS12 : TLS12.filter((suite) => ciphers.includes(suite));
  const suites = wanted.filter((suite) => known.has(suite.toLowerCase()));
  return {
    // Which keys, hashes and versions are too weak is said here and by the configuration, not by OpenSSL's own level.
    ciphers: ['@SECLEVEL=0', ...TLS13, ...(suites.length === 0 ? ['ECDHE-RSA-AES128-GCM-SHA256'] : suites)].join(':'),
    ...(suites.length === 0 ? { minVersion: 'TLSv1.3' } : {}),
    honorCipherOrder: true,
    sigalgs: SIGNATURES.join(':'),
    ecdhCurve: groupsOf(groups),
    sessionTimeout: WEEK,
    secureOptions:
      constants.SSL_OP_PRIORITIZE_CHACHA | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_ENCRYPT_THEN_MAC,
  };
}

/** OpenSSL has the hybrids, and preferences among groups, since 3.5. */
function knowsHybrids(): boolean {
  const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}

/** Hybrid groups before all others, and of equals the one that the client has sent its share for. */
function groupsOf(configured: readonly string[]): string {
  const all = Object.values(KEY_EXCHANGES).filter((group) =>
    configured.length === 0 ? group !== KEY_EXCHANGES['MLKEM1024'] : configured.includes(group),
  );
  const hybrid = (group: string): boolean => group.includes('MLKEM');
  const others = all.filter((group) => !hybrid(group));
  if (!knowsHybrids()) return others.join(':');
  const tuples = [all.filter(hybrid), others];
  return tuples
    .filter((tuple) => tuple.length > 0)
    .map((tuple) => tuple.join(':'))
    .join('/');
}
