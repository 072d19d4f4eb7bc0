/** Certificates as this method reads and names them. */
import { TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodePem } from '../../codec/pem.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';

/** All of a text of PEM blocks; none when one of them is not sound. */
export function parseBundle(pem: string): Certificate[] {
  const found: Certificate[] = [];
  for (let next = decodePem(pem.trim()); next !== undefined; next = decodePem(next.rest)) {
    const { bytes } = next.block;
    const certificate = unlessMalformed(() => parseCertificate(bytes));
    if (certificate === undefined) return [];
    found.push(certificate);
  }
  return found;
}

/** A serial number as Go prints it: in decimal. `serial` is a big-endian magnitude. */
export const decimal = (serial: Uint8Array): string => BigInt(`0x0${encodeHex(serial)}`).toString();

const TEXTS: readonly number[] = [TAG.utf8, TAG.printable, TAG.ia5, TAG.t61];

/** An extension's value where it is a text, else empty: what a Go string is after asn1.Unmarshal, failed or not. */
export function extensionText(value: Uint8Array): string {
  const text = unlessMalformed(() => {
    const reader = new DerReader(value);
    const tag = reader.peek();
    return tag !== undefined && TEXTS.includes(tag) ? decodeUtf8(reader.read(tag)) : '';
  });
  return text ?? '';
}
