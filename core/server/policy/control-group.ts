/** `control_group` of a policy's path (2.7): its shape is checked here; authorizing requests with it is not done yet. */
import type { HclValue } from '../../codec/hcl.ts';
import { multierror } from '../multierror.ts';
import { itemOf, unknownKeys } from './hcl-values.ts';

const groupKeys = new Set(['ttl', 'factor']);
const factorKeys = new Set(['identity', 'controlled_capabilities']);

/** What is wrong with it, as upstream says it; undefined: nothing. */
export function checkControlGroup(group: HclValue): string | undefined {
  const unknown = unknownKeys(group, groupKeys);
  if (unknown !== undefined || group.kind !== 'object') return unknown;
  const errors: string[] = [];
  const factors = group.items.filter((item) => item.keys[0]?.text === 'factor');
  for (const [i, { value }] of factors.entries()) {
    const wrong = unknownKeys(value, factorKeys);
    if (wrong !== undefined) errors.push(`factor ${i}: ${wrong}`);
    else if (value.kind === 'object' && itemOf(value, 'controlled_capabilities') === undefined) {
      errors.push(`factor ${i}: missing controlled capabilities`);
    }
  }
  return errors.length === 0 ? undefined : multierror(...errors);
}
