/** Functions of CEL that only OpenBao's roles have. */
import type { Declarations } from '../cel/functions.ts';
import { isMailAddress } from '../codec/mail-address.ts';

export function addRoleFunctions(all: Declarations): void {
  all.add('check_valid_email', '(string): bool', isMailAddress);
}
