/** A snapshot archive as scripts see it: what is in it, and whether its sums are right. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

export function describeArchive(gzip: Uint8Array): string {
  const files = untar(gunzipSync(gzip));
  const sums = Buffer.from(files.get('SHA256SUMS')?.content ?? '').toString();
  const right = sums
    .trimEnd()
    .split('\n')
    .map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line))
    .every((match) => match !== null && sha256(files.get(match[2]!)?.content) === match[1]);
  const meta = Buffer.from(files.get('meta.json')?.content ?? '').toString();
  return [
    'archive',
    ...[...files].map(([name, { mode, content }]) => `${name} ${mode}${content.length === 0 ? ' empty' : ''}`),
    `sums of ${sums
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(66))
      .sort()
      .join()} ${right ? 'right' : 'wrong'}`,
    meta.replace(/("(?:Index|Term|ConfigurationIndex|Size)":)\d+/g, '$1"<n>"').replace('\n', '\\n'),
  ].join('; ');
}

const sha256 = (bytes: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

function untar(tar: Uint8Array): Map<string, { mode: string; content: Uint8Array }> {
  const files = new Map<string, { mode: string; content: Uint8Array }>();
  const text = (start: number, length: number) =>
    Buffer.from(tar.subarray(start, start + length))
      .toString()
      .replace(/\0.*$/s, '')
      .trim();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    files.set(text(at, 100), { mode: text(at + 100, 8), content: tar.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
