/** How mounts are named in requests. */

/** Without a leading slash, with one at the end. */
export function folder(path: string): string {
  const bare = path.replace(/^\//, '');
  return bare.endsWith('/') ? bare : `${bare}/`;
}

/** 'kv-v1' and 'kv-v2' are KV with an option. */
export function withoutVersion(type: string, options: Readonly<Record<string, string>>) {
  if (type === 'kv-v1') return { type: 'kv', options: { ...options, version: '1' } };
  if (type === 'kv-v2') return { type: 'kv', options: { ...options, version: '2' } };
  return { type, options };
}
