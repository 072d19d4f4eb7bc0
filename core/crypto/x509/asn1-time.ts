/** Times in DER as Go's encoding/asn1 reads them, and refuses them. */
import { TAG } from '../../codec/der.ts';
import { DerError } from '../../codec/der-reader.ts';
import { quoteBytes } from '../../codec/go-quote.ts';
import { dayComplaint, layoutComplaint, parseTimestamp, type TimeLayout } from '../../codec/rfc3339.ts';

const WITHOUT_SECONDS: TimeLayout = ['06', '01', '02', '15', '04', 'Z0700'];
const UTC: TimeLayout = ['06', '01', '02', '15', '04', '05', 'Z0700'];
const GENERALIZED: TimeLayout = ['2006', '01', '02', '15', '04', '05', 'Z0700'];

const SHAPE = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-](?!0000)\d{4})$/;

/** Unix seconds. Throws DerError. */
export function derTimeOf(tag: number, contents: Uint8Array): number {
  const text = String.fromCharCode(...contents);
  const complaint = (layout: TimeLayout): string | undefined => layoutComplaint(text, layout, quoteBytes);
  const isUtc = tag === TAG.utcTime;
  const wrong = isUtc && complaint(WITHOUT_SECONDS) === undefined ? undefined : complaint(isUtc ? UTC : GENERALIZED);
  if (wrong !== undefined) throw new DerError(wrong);
  const [, year, month, day, hour, minute, second = '00', zone] = (SHAPE.exec(text) ?? []) as unknown as string[];
  if (zone === undefined) {
    throw new DerError('asn1: time did not serialize back to the original value and may be invalid');
  }
  const century = isUtc ? (Number(year) >= 50 ? '19' : '20') : '';
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const time = parseTimestamp(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (time === undefined) throw new DerError(dayComplaint(text));
  return time.seconds;
}
