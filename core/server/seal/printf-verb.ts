import { KeySizeError } from './shamir-wrapper.ts';
import { PgpKeyError } from './pgp.ts';
import { InvalidKey } from './share.ts';

/** Some of upstream's messages show the error as Go's Printf shows a verb it does not know. */
export function asVerb(error: unknown): string {
  if (error instanceof PgpKeyError) return `%!w(*fmt.wrapError=&{${error.message} ${error.detail}})`;
  if (error instanceof InvalidKey) return `%!w(*vault.ErrInvalidKey=&{${error.reason}})`;
  if (error instanceof KeySizeError) return `%!w(aes.KeySizeError=${error.size})`;
  return `%!w(*errors.errorString=&{${error instanceof Error ? error.message : String(error)}})`;
}
