/** GeneralizedTime in whole seconds, with an offset if there is one: as Go reads it. */
import { DerError, type DerReader } from '../der-reader.ts';
import { der, TAG } from '../der.ts';
import { formatTimestamp, parseTimestamp } from '../rfc3339.ts';
import { decodeUtf8 } from '../utf8.ts';

const FORM = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/;

/** Seconds since the epoch. */
export function readKerberosTime(reader: DerReader): number {
  const text = decodeUtf8(reader.read(TAG.generalizedTime));
  const found = FORM.exec(text);
  const [, year, month, day, hour, minute, second, zone = ''] = found ?? [];
  // Go writes no offset as Z, so that nothing else comes back as it was.
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const read = /^[+-]0000$/.test(zone)
    ? undefined
    : parseTimestamp(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (found === null || read === undefined) throw new DerError('asn1: structure error: a time that is none');
  return read.seconds;
}

export const kerberosTime = (seconds: number): Uint8Array =>
  der.generalizedTime(formatTimestamp(seconds, 0).replaceAll(/[-:T]/g, ''));
