/** Reads a policy's text (HCL or its JSON form) into rules, with upstream's refusals. */
import { quote } from '../../codec/go-quote.ts';
import { HclError, parseHcl } from '../../codec/hcl.ts';
import type { HclItem, HclObject, HclValue } from '../../codec/hcl.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros, toWallMicros } from '../../framework/coerce-time.ts';
import { CREATE, DELETE, DENY, LIST, READ, SCAN, SUDO, UPDATE, capabilityBit } from './capability.ts';
import { ControlGroupError, parseControlGroup } from './control-group.ts';
import type { ControlGroup } from './control-group.ts';
import {
  DecodeError,
  decodeAny,
  decodeInt,
  decodeParameters,
  decodeText,
  decodeTexts,
  itemOf,
  unknownKeys,
} from './hcl-values.ts';
import { filterComplaint } from './keys-filter.ts';
import type { PathRule } from './rules.ts';
import { noParameters } from './rules.ts';
import { TemplateError, isTemplated } from './template.ts';

/** What is wrong with a policy; the text starts with 'failed to parse policy: '. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(`failed to parse policy: ${message}`);
    this.name = 'PolicyError';
  }
}

/** A policy's text parsed; paths may still hold templates. */
export interface ParsedPolicy {
  readonly paths: readonly PathRule[];
  readonly templated: boolean;
}

const policyKeys = new Set(['name', 'path']);
const pathKeys = new Set([
  'comment',
  'policy',
  'capabilities',
  'allowed_parameters',
  'denied_parameters',
  'required_parameters',
  'min_wrapping_ttl',
  'max_wrapping_ttl',
  'mfa_methods',
  'pagination_limit',
  'expiration',
  'list_scan_response_keys_filter_path',
  'control_group',
]);

/** Before capabilities there was one word. */
const oldPolicies: ReadonlyMap<string, number> = new Map([
  ['deny', DENY],
  ['read', READ | LIST],
  ['write', CREATE | READ | UPDATE | DELETE | LIST],
  ['sudo', CREATE | READ | UPDATE | DELETE | LIST | SUDO],
]);

/** `namespace`: the path of the one that it is written in, which a refusal names. Throws PolicyError. */
export function parsePolicy(text: string, namespace = ''): ParsedPolicy {
  let file: HclObject;
  try {
    file = parseHcl(text);
  } catch (error) {
    if (error instanceof HclError) throw new PolicyError(error.message);
    throw error;
  }
  const unknown = unknownKeys(file, policyKeys);
  if (unknown !== undefined) throw new PolicyError(unknown);
  const paths: PathRule[] = [];
  let templated = false;
  for (const { path, value } of file.items.flatMap(pathItems)) {
    try {
      if (isTemplated(path)) templated = true;
      paths.push(parsePath(path, value, namespace));
    } catch (error) {
      if (error instanceof TemplateError) {
        throw new PolicyError(`path ${quote(path)}: failed to validate policy templating: ${error.message}`);
      }
      if (error instanceof PathError) throw new PolicyError(`path ${quote(path)}: ${error.message}`);
      // What the path's own decoder says comes with the path already in front: 2.7 says it twice.
      if (error instanceof DecodeError)
        throw new PolicyError(`path ${quote(path)}: path ${quote(path)}: ${error.message}`);
      throw error;
    }
  }
  return { paths, templated };
}

/** An error whose text has the path only once. */
class PathError extends Error {}

/** `path "a" { }`, but also `path { }` and the nested form of JSON with its lists. */
function pathItems(item: HclItem): { path: string; value: HclValue }[] {
  if (item.keys[0]?.text !== 'path') return [];
  if (item.keys.length > 1) return [{ path: item.keys[1]!.text, value: item.value }];
  if (item.value.kind === 'list') {
    return item.value.items.flatMap((one) =>
      one.kind === 'object'
        ? one.items.map((inner) => ({ path: inner.keys[0]?.text ?? 'path', value: inner.value }))
        : [{ path: 'path', value: one }],
    );
  }
  return [{ path: 'path', value: item.value }];
}

/** The rule's path and what kind of pattern it is; templates are not looked into. */
export function shapeOf(path: string): Pick<PathRule, 'path' | 'prefix' | 'wildcards'> {
  const bare = path.startsWith('/') ? path.slice(1) : path;
  const wildcards = bare === '+' || bare.startsWith('+/') || bare.includes('/+');
  const prefix = !wildcards && bare.endsWith('*');
  return { path: prefix ? bare.slice(0, -1) : bare, prefix, wildcards };
}

function parsePath(path: string, value: HclValue, namespace: string): PathRule {
  const unknown = unknownKeys(value, pathKeys);
  if (unknown !== undefined) throw new PathError(unknown);
  const body = value as HclObject;
  const get = <T>(key: string, decode: (value: HclValue, name: string) => T): T | undefined => {
    const item = itemOf(body, key);
    return item === undefined ? undefined : decode(item.value, key);
  };
  // Upstream decodes the whole block before it looks at anything in it.
  const old = get('policy', decodeText) ?? '';
  const names = get('capabilities', decodeTexts) ?? [];
  const allowed = get('allowed_parameters', decodeParameters) ?? noParameters;
  const denied = get('denied_parameters', decodeParameters) ?? noParameters;
  const required = get('required_parameters', decodeTexts) ?? [];
  const paginationLimit = get('pagination_limit', decodeInt) ?? 0;
  const keysFilterPath = get('list_scan_response_keys_filter_path', decodeText) ?? '';
  get('mfa_methods', decodeTexts);
  get('comment', decodeText);
  if (path.includes('+*')) {
    const whole = namespace + (path.startsWith('/') ? path.slice(1) : path);
    throw new PathError(`path ${quote(whole)}: invalid use of wildcards ('+*' is forbidden)`);
  }

  const capabilities = capabilitiesOf(old, names);
  const expiration = expirationOf(itemOf(body, 'expiration')?.value);
  const rule: PathRule = {
    ...shapeOf(path),
    capabilities,
    allowed: noParameters,
    denied: noParameters,
    required: [],
    minWrappingTtl: 0,
    maxWrappingTtl: 0,
    paginationLimit: 0,
    expiration,
    keysFilterPath: '',
    controlGroup: undefined,
  };
  const controlGroup = controlGroupOf(itemOf(body, 'control_group')?.value);
  if ((capabilities & DENY) !== 0) return rule;
  const minWrappingTtl = wrappingTtl(body, 'min_wrapping_ttl');
  const maxWrappingTtl = wrappingTtl(body, 'max_wrapping_ttl');
  if (minWrappingTtl !== 0 && maxWrappingTtl !== 0 && maxWrappingTtl < minWrappingTtl) {
    throw new PathError('max_wrapping_ttl cannot be less than min_wrapping_ttl');
  }
  if (keysFilterPath !== '' && (capabilities & (LIST | SCAN)) === 0) {
    throw new PathError('list_scan_response_keys_filter_path needs to be used on a path with the list capability');
  }
  const complaint = keysFilterPath === '' ? undefined : filterComplaint(keysFilterPath);
  if (complaint !== undefined) throw new PathError(complaint);
  return {
    ...rule,
    allowed,
    denied,
    required,
    minWrappingTtl,
    maxWrappingTtl,
    paginationLimit,
    keysFilterPath,
    controlGroup,
  };
}

function controlGroupOf(value: HclValue | undefined): ControlGroup | undefined {
  if (value === undefined) return undefined;
  try {
    return parseControlGroup(value);
  } catch (error) {
    if (!(error instanceof ControlGroupError)) throw error;
    throw new PathError(`error handling control_group: ${error.message}`);
  }
}

function capabilitiesOf(old: string, names: readonly string[]): number {
  let set = 0;
  if (old !== '') {
    const mapped = oldPolicies.get(old);
    if (mapped === undefined) throw new DecodeError(`invalid policy ${quote(old)}`);
    // The word `deny` replaces the list, the others are added to it.
    if (mapped === DENY) return DENY;
    set = mapped;
  }
  for (const name of names) {
    const bit = capabilityBit(name);
    if (bit === undefined) throw new DecodeError(`invalid capability ${quote(name)}`);
    if (bit === DENY) return DENY;
    set |= bit;
  }
  return set;
}

function wrappingTtl(body: HclObject, key: string): number {
  const item = itemOf(body, key);
  if (item === undefined) return 0;
  try {
    return toMicros(decodeAny(item.value));
  } catch (error) {
    if (error instanceof CoercionError) throw new PathError(`error parsing ${key}: ${error.message}`);
    throw error;
  }
}

function expirationOf(value: HclValue | undefined): number {
  if (value === undefined) return 0;
  try {
    return toWallMicros(decodeAny(value));
  } catch (error) {
    if (error instanceof CoercionError) throw new DecodeError(`invalid expiration time: ${error.message}`);
    throw error;
  }
}
