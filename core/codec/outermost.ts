import { TAG } from './der.ts';
import { DerError } from './der-reader.ts';

/**
 * Throws DerError in Go's words when the outermost element is no sequence (or what is expected), however long it says
 * it is; they name Go's own type, here `wanted`.
 */
export function checkOutermost(bytes: Uint8Array, wanted: string, expected: number = TAG.sequence): void {
  const [tag, length] = bytes;
  if (tag === undefined) throw new DerError('asn1: syntax error: sequence truncated');
  if (tag === expected || length === undefined || length > 0x7f) return;
  const found = `{class:${tag >> 6} tag:${tag & 0x1f} length:${length} isCompound:${(tag & 0x20) !== 0}}`;
  const options =
    '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';
  throw new DerError(
    `asn1: structure error: tags don't match (${expected & 0x1f} vs ${found}) ${options} ${wanted} @2`,
  );
}
