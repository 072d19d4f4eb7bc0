/** Password policies: a length and rules about characters, in HCL or its JSON form. Texts of errors are upstream's. */
import type { HclItem, HclObject, HclValue } from '../../codec/hcl.ts';
import { HclError, parseHcl } from '../../codec/hcl.ts';
import { isPrintableText } from '../../codec/go-quote.ts';
import { multierror } from '../../codec/multierror.ts';

export interface CharsetRule {
  /** Each character once, in order. */
  readonly charset: readonly string[];
  readonly minimum: number;
}

export interface PasswordPolicy {
  readonly length: number;
  readonly rules: readonly CharsetRule[];
  /** What passwords are drawn from: all rules' characters. */
  readonly charset: readonly string[];
}

/** The policy's text cannot be used; the message goes after 'invalid password policy: '. */
export class PasswordPolicyError extends Error {}

export function parsePasswordPolicy(text: string): PasswordPolicy {
  const root = decoded(text);
  let length = 0;
  const blocks: (readonly [type: string, value: HclValue])[] = [];
  const rules: CharsetRule[] = [];
  const given = lastOf(root.items, 'length');
  if (given !== undefined) length = lengthOf(given);
  for (const item of root.items) if (item.keys[0]?.text === 'rule') blocks.push(...rulesOf(item));
  for (const [type, value] of blocks) {
    if (type !== 'charset') {
      throw new PasswordPolicyError(
        `unable to parse rules: unable to parse rule ${type}: unrecognized rule type ${type}`,
      );
    }
    rules.push(charsetRule(value));
  }
  const charset = characters(rules.flatMap((rule) => rule.charset).join(''));
  const policy = { length, rules, charset };
  const wrong = faults(policy);
  if (wrong.length > 0) throw new PasswordPolicyError(multierror(...wrong));
  return policy;
}

function decoded(text: string): HclObject {
  try {
    return parseHcl(text);
  } catch (error) {
    if (error instanceof HclError) throw new PasswordPolicyError(`unable to decode: ${error.message}`);
    throw error;
  }
}

const mapstructure = (where: string, text: string): PasswordPolicyError =>
  new PasswordPolicyError(`${where}: decoding failed due to the following error(s):\n\n${text}`);

function lengthOf(value: HclValue): number {
  const number = integer(value);
  if (number !== undefined) return number;
  throw mapstructure(
    'failed to decode configuration',
    `'length' expected type 'int', got unconvertible type '${goType(value)}'`,
  );
}

/** Fractions are cut, as upstream's decoder does. */
const integer = (value: HclValue): number | undefined =>
  value.kind === 'literal' && typeof value.value === 'number' ? Math.trunc(value.value) : undefined;

function goType(value: HclValue): string {
  if (value.kind === 'object') return '[]map[string]interface {}';
  if (value.kind === 'list') return '[]interface {}';
  if (value.type === 'number') return 'int';
  if (value.type === 'float') return 'float64';
  return value.type === 'bool' ? 'bool' : 'string';
}

/** `rule "charset" { … }`, and JSON's `"rule": [{"charset": { … }}]`. */
function rulesOf(item: HclItem): (readonly [string, HclValue])[] {
  const [, type, ...names] = item.keys;
  if (type !== undefined) return [[type.text, names.length > 0 ? emptyOf(item.value) : item.value]];
  const objects = item.value.kind === 'list' ? item.value.items : [item.value];
  return objects.flatMap((object) => {
    if (object.kind !== 'object') {
      const text = `'' source data must be an array or slice, got ${goType(object)}`;
      throw new PasswordPolicyError(`unable to retrieve rules: ${text}`);
    }
    return object.items.map(({ keys, value }) => {
      if (value.kind === 'literal') {
        const text = `'' source data must be an array or slice, got ${goType(value)}`;
        throw new PasswordPolicyError(
          `unable to parse rules: unable to get rule info: unable to get rule data: ${text}`,
        );
      }
      return [keys[0]?.text ?? '', value] as const;
    });
  });
}

/** A rule with a second name has nothing where upstream looks. */
const emptyOf = (value: HclValue): HclObject => ({ kind: 'object', position: value.position, items: [] });

const whereRule = 'unable to parse rules: unable to parse rule charset: failed to parse charset restriction';

function charsetRule(value: HclValue): CharsetRule {
  const objects = value.kind === 'list' ? value.items : [value];
  const items = objects.flatMap((object) => (object.kind === 'object' ? object.items : []));
  const charset = lastOf(items, 'charset');
  const minimum = lastOf(items, 'min-chars');
  return {
    charset: characters(charset === undefined ? '' : textOf(charset)),
    minimum: minimum === undefined ? 0 : minimumOf(minimum),
  };
}

/** Under this name; where there is none, under the same in other letters. */
function lastOf(items: readonly HclItem[], name: string): HclValue | undefined {
  const given = ({ keys }: HclItem): string => keys[0]?.text ?? '';
  const found =
    items.findLast((item) => given(item) === name) ?? items.findLast((item) => given(item).toLowerCase() === name);
  return found?.value;
}

function textOf(value: HclValue): string {
  if (value.kind === 'literal' && typeof value.value === 'string') return value.value;
  if (value.kind === 'list') {
    const type = value.items[0] === undefined ? 'string' : goType(value.items[0]);
    throw mapstructure(whereRule, `'charset[0]' expected type 'int32', got unconvertible type '${type}'`);
  }
  throw mapstructure(whereRule, `'charset' source data must be an array or slice, got ${goType(value)}`);
}

function minimumOf(value: HclValue): number {
  const number = integer(value);
  if (number !== undefined) return number;
  throw mapstructure(whereRule, `'min-chars' expected type 'int', got unconvertible type '${goType(value)}'`);
}

const characters = (text: string): string[] => [...new Set(text)].sort();

function faults({ length, rules, charset }: PasswordPolicy): string[] {
  const wrong: string[] = [];
  const needed = rules.reduce((sum, { minimum }) => sum + minimum, 0);
  if (length <= 0) wrong.push('length must be > 0');
  else if (length < needed)
    wrong.push(`specified rules require at least ${needed} characters but ${length} is specified`);
  if (charset.length === 0) wrong.push('no charset specified');
  else if (!isPrintableText(charset.join(''))) wrong.push('non-printable character in charset');
  return wrong;
}
