/** What may not be mounted, unmounted, moved or tuned freely. */
import { quote } from '../../codec/go-quote.ts';

export const SINGLETONS: ReadonlySet<string> = new Set(
  ['cubbyhole', 'identity', 'system', 'token'].flatMap((type) => [type, `ns_${type}`]),
);

/** `type` is one of them. */
export const noSingleton = (type: string): string => `singleton plugin cannot be reloaded: ${quote(type)}`;

/** In the order in which upstream looks at them. */
export const PROTECTED = ['audit/', 'auth/', 'sys/', 'cubbyhole/', 'identity/'];

/** For secret mounts; auth mounts protect 'token/' by its type. */
export const isProtected = (path: string): boolean => PROTECTED.some((mount) => path.startsWith(mount));
