/** `control_group` of a policy's path (2.7): who has to agree before a request is carried out. */
import type { HclItem, HclObject, HclValue } from '../../codec/hcl.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import type { Micros } from '../../runtime.ts';
import { multierror } from '../../codec/multierror.ts';
import { DecodeError, decodeAny, decodeInt, decodeTexts, itemOf, unknownKeys } from './hcl-values.ts';

export interface ControlGroup {
  /** How long an agreement holds, and the token that waits for it. */
  readonly ttl: Micros;
  readonly factors: readonly Factor[];
}

/** So many members of any of the groups have to agree to these operations. */
export interface Factor {
  readonly name: string;
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly approvals: number;
}

/** What is wrong with a control group, as upstream says it. */
export class ControlGroupError extends Error {}

const groupKeys = new Set(['ttl', 'factor']);
const factorKeys = new Set(['identity', 'controlled_capabilities']);
const OPERATIONS = new Set(['create', 'read', 'update', 'delete', 'list', 'patch', 'scan']);

const wrong = (...errors: readonly string[]): ControlGroupError => new ControlGroupError(multierror(...errors));

/** Throws ControlGroupError. */
export function parseControlGroup(group: HclValue): ControlGroup {
  const unknown = unknownKeys(group, groupKeys);
  if (group.kind !== 'object') throw wrong(unknown!);
  if (unknown !== undefined) throw new ControlGroupError(unknown);
  const ttl = ttlOf(itemOf(group, 'ttl')?.value);
  const factors = group.items.filter((item) => item.keys[0]?.text === 'factor').map(parseFactor);
  const invalid = factors.flatMap(({ operations }) => operations).find((name) => !OPERATIONS.has(name));
  if (invalid !== undefined) throw wrong(`path control_group Operation(s) not valid: ${invalid}`);
  if (factors.length === 0) throw wrong('requires at least one factor but had none');
  for (const [i, factor] of factors.entries()) {
    const missing = missingOf(factor);
    if (missing !== undefined) throw wrong(`factor ${i}: missing ${missing}`);
  }
  return { ttl, factors };
}

function missingOf({ operations, approvals, groups }: Factor): string | undefined {
  if (operations.length === 0) return 'controlled capabilities';
  if (approvals <= 0) return 'required approvals';
  return groups.length === 0 ? 'approving groups' : undefined;
}

function ttlOf(value: HclValue | undefined): Micros {
  if (value === undefined) return 0;
  try {
    return Math.max(0, toMicros(decodeAny(value)));
  } catch (error) {
    if (error instanceof CoercionError) throw wrong(`path control_group: invalid ttl: ${error.message}`);
    throw error;
  }
}

function parseFactor({ keys, value }: HclItem): Factor {
  const refuse = (text: string): ControlGroupError =>
    wrong(`error handling control_group factor: ${multierror(`path control_group factor: ${text}`)}`);
  if (value.kind !== 'object') {
    throw refuse(`cannot check HCL keys of type ${value.kind === 'list' ? '*ast.ListType' : '*ast.LiteralType'}`);
  }
  const odd = value.items.find((item) => !factorKeys.has(item.keys[0]?.text ?? ''));
  if (odd !== undefined) throw refuse(`invalid key "${odd.keys[0]?.text}" on line ${odd.assigned?.line ?? 0}`);
  const name = keys[1]?.text;
  if (name === undefined) throw refuse('require name key');
  try {
    const identity = itemOf(value, 'identity')?.value;
    const own = identity?.kind === 'object' ? identity : undefined;
    return {
      name,
      operations: get(value, 'controlled_capabilities', decodeTexts) ?? [],
      groups: get(own, 'group_names', decodeTexts) ?? [],
      approvals: get(own, 'approvals', decodeInt) ?? 0,
    };
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

function get<T>(
  object: HclObject | undefined,
  key: string,
  decode: (value: HclValue, name: string) => T,
): T | undefined {
  const item = object === undefined ? undefined : itemOf(object, key);
  return item === undefined ? undefined : decode(item.value, key);
}

/** Of the factors those that have a say in an operation; undefined: nobody has to be asked. */
export function controlling(group: ControlGroup | undefined, operation: string): ControlGroup | undefined {
  const factors = group?.factors.filter(({ operations }) => operations.includes(operation)) ?? [];
  return group === undefined || factors.length === 0 ? undefined : { ttl: group.ttl, factors };
}
