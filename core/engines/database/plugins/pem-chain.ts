/** `pem_bundle` of InfluxDB: a client's certificate, those that vouch for it in their order, and its key. */
import { encodeHex } from '../../../codec/hex.ts';
import { quote } from '../../../codec/go-quote.ts';
import { equalBytes } from '../../../codec/bytes.ts';
import { encodePem } from '../../../codec/pem.ts';
import type { Crypto } from '../../../crypto/crypto.ts';
import { publicKeyOf, samePublicKey } from '../../../crypto/keys/key.ts';
import { parsePrivatePem } from '../../../crypto/keys/pem.ts';
import { type Certificate, certificatePem, parseCertificate } from '../../../crypto/x509/certificate.ts';
import { unlessMalformed } from '../../../crypto/x509/error.ts';
import { subjectOf } from '../../../crypto/x509/name.ts';
import { failure } from '../../../fault.ts';
import type { OutgoingTls } from '../../../runtime.ts';
import { blocksOf, isKey } from './pem-bundle.ts';

export interface Chain {
  readonly tls: OutgoingTls;
  /** A certificate without a key: no connection can be made with it. */
  readonly keyMissing: boolean;
}

/** What is neither a key nor a certificate is passed over. Throws a Fault. */
export function tlsOfChain(crypto: Crypto, text: string): Chain {
  let key: string | undefined;
  const certificates: Certificate[] = [];
  for (const { type, bytes } of blocksOf(text)) {
    if (isKey(type)) {
      if (key !== undefined) {
        throw failure('more than one private key given; provide only one private key in the bundle');
      }
      key = encodePem(type, bytes);
      continue;
    }
    const certificate = unlessMalformed(() => parseCertificate(bytes));
    if (certificate !== undefined) certificates.push(certificate);
  }
  const [own, ...above] = certificates;
  const wrong = own && chainFault(crypto, own, above, key);
  if (wrong !== undefined) throw failure(`verification of parsed bundle failed: ${wrong}`);
  const ca = above.length === 0 ? {} : { ca: above.map(({ bytes }) => certificatePem(bytes)).join('\n') };
  if (own === undefined || key === undefined) return { tls: ca, keyMissing: own !== undefined };
  return { tls: { certificate: certificatePem(own.bytes), key, ...ca }, keyMissing: false };
}

function chainFault(
  crypto: Crypto,
  own: Certificate,
  above: readonly Certificate[],
  key: string | undefined,
): string | undefined {
  if (key !== undefined) {
    const proven = unlessMalformed(() => publicKeyOf(crypto, parsePrivatePem(key)));
    if (proven === undefined || own.publicKey === undefined || !samePublicKey(proven, own.publicKey)) {
      return 'public key of certificate does not match private key';
    }
  }
  for (const [index, certificate] of above.entries()) {
    const below = index === 0 ? own : above[index - 1]!;
    const which = `certificate ${index + 1} of certificate chain`;
    if (!certificate.isCa) return `${which} is not a certificate authority`;
    if (equalBytes(below.authorityKeyId, certificate.subjectKeyId)) continue;
    const names = [below, certificate].map(({ subject }) => quote(subjectOf(subject).commonName)).join('/');
    const ids = [below.authorityKeyId, certificate.subjectKeyId].map((id) => encodeHex(id).toUpperCase()).join('/');
    return `${which} ca trust path is incorrect (${names}) (${ids})`;
  }
  return undefined;
}
