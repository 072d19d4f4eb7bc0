/** What proxies that are believed say of the client (`x_forwarded_for_…`): its address, and its certificate. */
import { X509Certificate } from 'node:crypto';
import { decodeBase64, encodeBase64 } from '../core/codec/base64.ts';
import { decodePem } from '../core/codec/pem.ts';
import { errors, finish } from '../core/http/reply.ts';
import { print } from '../core/codec/json.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http/message.ts';
import { inCidrs } from '../core/server/cidr.ts';
import type { CertDecoder, Forwarding } from '../core/server/configuration/forwarding.ts';

export function withForwarded(handler: HttpHandler, settings: Forwarding): HttpHandler {
  const { authorized, hopSkips, rejectNotPresent, rejectNotAuthorized, clientCert } = settings;
  const passed = (request: HttpRequest, certificateCounts: boolean): ReturnType<HttpHandler> => {
    if (!certificateCounts) return handler(request);
    const seen = withCertificate(request, clientCert);
    return typeof seen === 'string' ? Promise.resolve(finish(errors(400, seen), [])) : handler(seen);
  };
  // Upstream believes the header then, whoever sends it.
  if (authorized.length === 0) return (request) => passed(request, true);
  return (request) => {
    const values = request.headers.get('x-forwarded-for');
    if (values === undefined) {
      return rejectNotPresent
        ? refuse('missing x-forwarded-for header and configured to reject when not present')
        : passed(request, clientCert.keepNotForwarded);
    }
    if (!inCidrs(request.remote.address, authorized)) {
      return rejectNotAuthorized
        ? refuse('client address not authorized for x-forwarded-for and configured to reject connection')
        : passed(request, clientCert.keepUnauthorized);
    }
    const chain = values.flatMap((value) => value.split(',')).map((address) => address.trim());
    const address = chain[chain.length - 1 - hopSkips];
    if (address === undefined) {
      const text = `hops to skip (${hopSkips}) would skip before earliest chain link (chain length ${chain.length})`;
      return refuse(`malformed x-forwarded-for configuration or request, ${text}`);
    }
    return passed({ ...request, remote: { address, port: request.remote.port } }, true);
  };
}

/** These come before everything else, so they lack the headers that every other answer has. */
function refuse(text: string): Promise<HttpResponse> {
  const body = encodeUtf8(`${print({ errors: [text] })}\n`);
  return Promise.resolve({ status: 400, headers: [['Content-Type', 'application/json']], body });
}

/** A text is what is wrong with the header. */
function withCertificate(request: HttpRequest, { header, decoders }: Forwarding['clientCert']): HttpRequest | string {
  const given = header === '' ? '' : (request.headers.get(header.toLowerCase())?.[0] ?? '');
  if (given === '') return request;
  const decoded = decoders.reduce<Decoded>(
    (value, decoder) => ('wrong' in value ? value : decode(value.text, decoder)),
    { text: given },
  );
  if ('wrong' in decoded) return decoded.wrong;
  const der = base64(decoded.text);
  if (der === undefined) return 'error decoding client certificate header as base64';
  if (!isCertificate(der)) return 'error decoding client certificate header as x509.Certificate';
  return { ...request, tls: { ...request.tls, clientCertificates: [der] } };
}

type Decoded = { readonly text: string } | { readonly wrong: string };

/** What a decoder leaves is base64 of DER, or text for the next one. */
function decode(text: string, decoder: CertDecoder): Decoded {
  switch (decoder) {
    case 'URL':
      try {
        return { text: decodeURIComponent(text.replaceAll('+', ' ')) };
      } catch {
        return { wrong: 'error url decoding client certificate header' };
      }
    case 'PEM': {
      const found = decodePem(text);
      return found === undefined
        ? { wrong: 'failed to decode PEM certificate' }
        : { text: encodeBase64(found.block.bytes) };
    }
    case 'RFC9440':
      if (/^:.*:$/s.test(text) && text.length > 1) return { text: text.slice(1, -1) };
      return { wrong: 'error decoding RFC9440 client certificate header' };
  }
}

function base64(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text);
  } catch {
    return undefined;
  }
}

function isCertificate(der: Uint8Array): boolean {
  try {
    return new X509Certificate(der).raw.length === der.length;
  } catch {
    return false;
  }
}
