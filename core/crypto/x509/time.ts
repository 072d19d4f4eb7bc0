/** Times of certificates: Unix seconds here; UTCTime until 2049 and GeneralizedTime after it in DER (RFC 5280, 4.1.2.5). */
import { der, TAG } from '../../codec/der.ts';
import type { DerReader } from '../../codec/der-reader.ts';
import { formatTimestamp, parseTimestamp } from '../../codec/rfc3339.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { must, X509Error } from './error.ts';

export const generalizedTime = (seconds: number): Uint8Array =>
  der.generalizedTime(formatTimestamp(seconds, 0).replace(/[-:T]/g, ''));

export function derTime(seconds: number): Uint8Array {
  const text = formatTimestamp(seconds, 0).replace(/[-:T]/g, '');
  const year = Number(text.slice(0, 4));
  return year >= 1950 && year < 2050 ? der.utcTime(text.slice(2)) : der.generalizedTime(text);
}

const UTC = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-](?!0000)\d{4})$/;
const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-](?!0000)\d{4})$/;

/** Unix seconds. Throws X509Error. */
export function readTime(reader: DerReader): number {
  const kind = reader.peek();
  if (kind !== TAG.utcTime && kind !== TAG.generalizedTime) throw new X509Error('x509: unsupported time format');
  const malformed = `malformed ${kind === TAG.utcTime ? 'UTCTime' : 'GeneralizedTime'}`;
  const { tag, contents } = must(malformed, () => reader.any());
  const text = decodeUtf8(contents);
  const found = (tag === TAG.utcTime ? UTC : GENERALIZED).exec(text);
  if (found === null) throw new X509Error(`x509: ${malformed}`);
  const [, year, month, day, hour, minute, second = '00', zone] = found as unknown as string[];
  const century = tag === TAG.utcTime ? (Number(year) >= 50 ? '19' : '20') : '';
  const offset = zone === 'Z' ? 'Z' : `${zone!.slice(0, 3)}:${zone!.slice(3)}`;
  const time = parseTimestamp(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (time === undefined) throw new X509Error(`x509: ${malformed}`);
  return time.seconds;
}
