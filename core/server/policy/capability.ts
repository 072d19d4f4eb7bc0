/** The capabilities of ACL rules as bits; a rule's set is one integer. */
import type { Operation } from '../../framework/logical.ts';

export const DENY = 1;
export const CREATE = 2;
export const READ = 4;
export const UPDATE = 8;
export const DELETE = 16;
export const LIST = 32;
export const SUDO = 64;
export const PATCH = 128;
export const SCAN = 256;

const bits: ReadonlyMap<string, number> = new Map([
  ['deny', DENY],
  ['create', CREATE],
  ['read', READ],
  ['update', UPDATE],
  ['delete', DELETE],
  ['list', LIST],
  ['sudo', SUDO],
  ['patch', PATCH],
  ['scan', SCAN],
]);

/** Undefined for a name that is no capability; names are case-sensitive. */
export const capabilityBit = (name: string): number | undefined => bits.get(name);

/** Sorted names as `sys/capabilities` shows them; nothing granted, or an explicit deny, reads as ['deny']. */
export function capabilityNames(set: number): string[] {
  if ((set & DENY) !== 0) return ['deny'];
  const names: string[] = [];
  for (const [name, bit] of bits) if ((set & bit) !== 0) names.push(name);
  return names.length === 0 ? ['deny'] : names.sort();
}

/** What an operation needs. Undefined: no policy can grant it. Lease operations count as updates, as upstream. */
export function neededCapability(operation: Operation): number | undefined {
  switch (operation) {
    case 'create':
      return CREATE;
    case 'read':
      return READ;
    case 'update':
    case 'renew':
    case 'revoke':
    case 'rollback':
      return UPDATE;
    case 'delete':
      return DELETE;
    case 'list':
      return LIST;
    case 'scan':
      return SCAN;
    case 'patch':
      return PATCH;
    default:
      return undefined;
  }
}
