/** Blocks of addresses on roles and secret ids. */
import { contains, isSubset, parseCidr, parseIp } from '../../codec/address.ts';
import { quote } from '../../codec/go-quote.ts';
import { failure } from '../../fault.ts';

/** The first text that is no block, if any. */
export const invalidCidr = (blocks: readonly string[]): string | undefined =>
  blocks.find((block) => parseCidr(block.trim()) === undefined);

export const invalidText = (block: string): string => `invalid CIDR address: ${block.trim()}`;

const listed = (blocks: readonly string[]): string => `[${blocks.map(quote).join(' ')}]`;

/** What is on a secret id must lie in what is on its role, if that has any. */
export function verifySubset(onSecretId: readonly string[], onRole: readonly string[]): void {
  if (onSecretId.length === 0 || onRole.length === 0) return;
  const outer = onRole.map((block) => (block.includes('/') ? block : `${block}/32`));
  let reason = '%!w(<nil>)';
  const fits = onSecretId.every((text) =>
    outer.some((role) => {
      const roleBlock = parseCidr(role);
      const block = parseCidr(text);
      if (roleBlock === undefined) {
        reason = `failed to parse the CIDR to be checked against: ${invalidText(role)}`;
        return false;
      }
      return block !== undefined && isSubset(roleBlock, block);
    }),
  );
  if (fits) return;
  throw failure(
    `failed to verify subset relationship between CIDR blocks on the role ${listed(outer)} and CIDR blocks on the secret ID ${listed(onSecretId)}: ${reason}`,
  );
}

export function isWithin(address: string, blocks: readonly string[]): boolean {
  const ip = parseIp(address);
  return (
    ip !== undefined &&
    blocks.some((text) => {
      const block = parseCidr(text);
      return block !== undefined && contains(block, ip);
    })
  );
}
