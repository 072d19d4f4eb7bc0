/** TLS to other people's servers: settings in Node's words, complaints in Go's. */
import type { X509Certificate } from 'node:crypto';
import type { OutgoingTls } from '../core/runtime.ts';
import { ownRoots } from './system-roots.ts';
import { codeOf } from './errno.ts';

export function outgoingTlsOptions(tls: OutgoingTls) {
  const { ca, certificate, key, serverName, skipVerify, ciphers, minVersion, maxVersion } = tls;
  return {
    ...(ca === undefined ? trusted(tls) : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(skipVerify === true ? { rejectUnauthorized: false } : {}),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers: ciphers.join(':') }),
  };
}

/** Whom to trust where nobody is named. A context that is there already saves reading a hundred certificates. */
function trusted({ skipVerify, certificate, key, ciphers, minVersion, maxVersion }: OutgoingTls) {
  if (skipVerify === true) return {};
  const { pem, context } = ownRoots();
  if (pem === undefined) return {};
  const plain = [certificate, key, ciphers, minVersion, maxVersion].every((setting) => setting === undefined);
  return plain && context !== undefined ? { secureContext: context } : { ca: pem };
}

/** TLS complaints, by Node's code, in Go's words. */
const complaints: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: 'http: server gave HTTP response to HTTPS client',
  EPROTO: 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'http: server gave HTTP response to HTTPS client',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ECONNRESET: 'EOF',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'tls: private key does not match public key',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'remote error: tls: certificate required',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'remote error: tls: handshake failure',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'remote error: tls: handshake failure',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'remote error: tls: no application protocol',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'remote error: tls: bad certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'remote error: tls: unknown certificate authority',
};

/** Undefined for what is no complaint of TLS. `shown` is the server's certificate, where it is known. */
export function tlsComplaint(error: unknown, shown?: X509Certificate): string | undefined {
  const code = codeOf(error) ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(error);
  const complaint = complaints[code];
  return complaint === complaints['CERT_HAS_EXPIRED'] && shown !== undefined
    ? `${complaint}: ${wrongTime(code === 'CERT_HAS_EXPIRED', shown)}`
    : complaint;
}

function wrongTime(ended: boolean, { validFromDate, validToDate }: X509Certificate): string {
  const text = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');
  const now = text(new Date());
  return `current time ${now} is ${ended ? `after ${text(validToDate)}` : `before ${text(validFromDate)}`}`;
}

/** As Go names what the certificate is good for. */
function wrongName(error: unknown): string {
  const { host, cert } = error as { readonly host?: string; readonly cert?: { readonly subjectaltname?: string } };
  const names = (cert?.subjectaltname ?? '').split(', ').map((name) => name.split(':'));
  const of = (kind: string): string[] => names.filter(([type]) => type === kind).map(([, name = '']) => name);
  const prefix = 'tls: failed to verify certificate: x509:';
  if (/^[\d.]+$|:/.test(host ?? '')) {
    const addresses = of('IP Address');
    return addresses.length === 0
      ? `${prefix} cannot validate certificate for ${host} because it doesn't contain any IP SANs`
      : `${prefix} certificate is valid for ${addresses.join(', ')}, not ${host}`;
  }
  const valid = of('DNS');
  return valid.length === 0
    ? `${prefix} certificate is not valid for any names, but wanted to match ${host}`
    : `${prefix} certificate is valid for ${valid.join(', ')}, not ${host}`;
}
