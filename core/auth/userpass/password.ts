/** Passwords of users: bcrypt with cost 10, or a hash that the operator brings along. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { User } from './user.ts';

const COST = 10;
const LOWEST_COST = 5;
const LONGEST = 72;

export const hasPassword = (password: string, hash: string): boolean => password !== '' || hash !== '';

export const noPassword = (): Error => refuse('must provide either password or password_hash');

export const twoPasswords = (): Error => refuse('only one of password or password_hash may be provided');

export async function setPassword(user: User, password: string, hash: string, runtime: Runtime): Promise<void> {
  if (password !== '' && hash !== '') throw twoPasswords();
  if (hash !== '') {
    const cost = costOf(hash);
    if (cost === undefined) throw refuse('password_hash is not a valid bcrypt hash');
    if (cost < LOWEST_COST) throw refuse(`bcrypt cost of ${cost} is too low, want ${LOWEST_COST} at minimum`);
    user.passwordHash = hash;
    return;
  }
  const bytes = encodeUtf8(password);
  if (bytes.length > LONGEST) throw failure(`bcrypt: password length exceeds ${LONGEST} bytes`);
  user.passwordHash = await runtime.crypto.bcryptHash(bytes, COST, runtime.random.bytes(16));
}

/** Undefined when it is no bcrypt hash; the digest itself is not looked at. */
function costOf(hash: string): number | undefined {
  const found = /^\$2[a-z]?\$(\d\d)\$/.exec(hash);
  if (found === null || hash.length < 59) return undefined;
  const cost = Number(found[1]);
  return cost >= 4 && cost <= 31 ? cost : undefined;
}
