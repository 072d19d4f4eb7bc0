/** What transit calls the hashes. */
import type { HashName } from '../../crypto/crypto.ts';
import { CLIENT_HASHES } from '../../framework/tools.ts';

/** 'none' signs what was hashed elsewhere, without naming the hash. */
export type TransitHash = HashName | 'none';

const HASHES: Readonly<Record<string, TransitHash>> = { none: 'none', sha1: 'sha1', ...CLIENT_HASHES };

export const transitHash = (name: string): TransitHash | undefined =>
  Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;

/** The URL wins, then the field's new name, then its old one, then what is usual. */
export const hashNameOf = (
  input: { urlalgorithm: string; hash_algorithm?: string; algorithm: string },
  usual = 'sha2-256',
): string => [input.urlalgorithm, input.hash_algorithm ?? '', input.algorithm].find((name) => name !== '') ?? usual;
