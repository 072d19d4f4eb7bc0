/** `pem_bundle`: authorities, and a client's certificate with its key, one PEM block after the other in any order. */
import { encodePem, onlyPems, type PemBlock } from '../../../codec/pem.ts';
import type { Crypto } from '../../../crypto/crypto.ts';
import { publicKeyOf, samePublicKey } from '../../../crypto/keys/key.ts';
import { parsePrivatePem } from '../../../crypto/keys/pem.ts';
import { type Certificate, parseCertificate } from '../../../crypto/x509/certificate.ts';
import { isMalformed, unlessMalformed } from '../../../crypto/x509/error.ts';
import { failure } from '../../../fault.ts';
import type { OutgoingTls } from '../../../runtime.ts';

const KEYS: ReadonlySet<string> = new Set(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']);

export const isKey = (type: string): boolean => KEYS.has(type);

/** Who may sign is an authority, whoever signed it; anybody else is the client. Throws a Fault. */
export function tlsOfBundle(crypto: Crypto, text: string): OutgoingTls {
  const authorities: string[] = [];
  let own: { readonly certificate: Certificate; readonly pem: string } | undefined;
  let key: string | undefined;
  for (const block of blocksOf(text)) {
    const { type, bytes } = block;
    if (type === 'CERTIFICATE') {
      const certificate = certificateOf(block);
      const pem = encodePem(type, bytes);
      if (certificate.isCa) authorities.push(pem);
      else if (own !== undefined) throw failure('multiple leaf certificates not supported');
      else own = { certificate, pem };
    } else if (!isKey(type)) throw failure(`unsupported PEM block type [${type}]`);
    else if (key !== undefined) throw failure('multiple private keys not supported');
    else key = encodePem(type, bytes);
  }
  const ca = authorities.length === 0 ? {} : { ca: authorities.join('\n') };
  const shown = 'for client-side TLS authentication but no';
  if (own === undefined) {
    if (key !== undefined) throw failure(`found private key ${shown} certificate`);
    return ca;
  }
  if (key === undefined) throw failure(`found certificate ${shown} private key`);
  checkPair(crypto, own.certificate, key);
  return { certificate: own.pem, key, ...ca };
}

/** Throws a Fault for what is no PEM after the last block. */
export const blocksOf = (text: string): PemBlock[] => onlyPems(text, () => failure('no data found in PEM block'));

function certificateOf({ bytes }: PemBlock): Certificate {
  try {
    return parseCertificate(bytes);
  } catch (error) {
    if (!isMalformed(error)) throw error;
    const text = error.message.startsWith('x509: ') ? error.message : 'x509: malformed certificate';
    throw failure(`failed to parse certificate: ${text}`);
  }
}

function checkPair(crypto: Crypto, { publicKey }: Certificate, pem: string): void {
  const wrong = (why: string) => failure(`failed to parse certificate and private key pair: tls: ${why}`);
  const key = unlessMalformed(() => parsePrivatePem(pem));
  if (key === undefined) throw wrong('failed to parse private key');
  if (publicKey === undefined || !samePublicKey(publicKey, publicKeyOf(crypto, key))) {
    throw wrong('private key does not match public key');
  }
}
