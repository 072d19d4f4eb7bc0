/** What may not be mounted, unmounted, moved or tuned freely. */
export const SINGLETONS: ReadonlySet<string> = new Set(
  ['cubbyhole', 'identity', 'system', 'token'].flatMap((type) => [type, `ns_${type}`]),
);

const protectedMounts = ['audit/', 'auth/', 'sys/', 'cubbyhole/', 'identity/'];

/** For secret mounts; auth mounts protect 'token/' by its type. */
export const isProtected = (path: string): boolean => protectedMounts.some((mount) => path.startsWith(mount));
