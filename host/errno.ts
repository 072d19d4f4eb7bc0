/** What the system says is wrong, in Go's words, as upstream's logs and messages show them. */
export const goTexts: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'file exists',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  EBUSY: 'device or resource busy',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
};

/** `ENOENT` and the like; undefined of what did not come from the system. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** `open /a/b: no such file or directory`: why a file could not be read. */
export function readFault(path: string, error: unknown): string {
  const code = codeOf(error) ?? String(error);
  return `${code === 'EISDIR' ? 'read' : 'open'} ${path}: ${goTexts[code] ?? code}`;
}
