/** TLS as connections are given it: PEM blocks one after the other, or what the PKI engine gives out. */
import { asString } from '../../../codec/json-fields.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { decodePem } from '../../../codec/pem.ts';
import { failure } from '../../../fault.ts';
import type { OutgoingTls } from '../../../runtime.ts';

const BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;

/** A certificate with its key is the client's own, any other the authority's. */
function bundleTls(text: string): OutgoingTls {
  const blocks = [...text.matchAll(BLOCK)].map(([pem, type]) => ({ pem, type: type! }));
  const key = blocks.find(({ type }) => type.endsWith('PRIVATE KEY'))?.pem;
  const [own, ...rest] = blocks.filter(({ type }) => type === 'CERTIFICATE').map(({ pem }) => pem);
  if (key !== undefined && own !== undefined) {
    return { certificate: own, key, ...(rest.length === 0 ? {} : { ca: rest.join('\n') }) };
  }
  return own === undefined ? {} : { ca: [own, ...rest].join('\n') };
}

export const issuedTls = (issued: JsonObject): OutgoingTls =>
  bundleTls(['private_key', 'certificate', 'issuing_ca'].map((name) => asString(issued[name]) ?? '').join('\n'));

/** `tls_ca`, and `tls_certificate_key`, which is a certificate and its key in one; '' where there is none. Throws a Fault. */
export function givenTls(ca: string, pair: string): OutgoingTls {
  if (ca !== '' && decodePem(ca) === undefined) throw failure('failed to append CA to client options');
  return { ...(ca === '' ? {} : { ca }), ...(pair === '' ? {} : { certificate: pair, key: pair }) };
}
