/** Which roles an account has on which resources: `resource "projects/p" { roles = ["roles/viewer"] }`, HCL or JSON. */
import { quote } from '../../codec/go-quote.ts';
import { HclError, parseHcl } from '../../codec/hcl.ts';
import type { HclItem, HclValue } from '../../codec/hcl-ast.ts';
import { plainText } from '../../codec/plain-text.ts';
import { refuse } from '../../fault.ts';

/** Roles by resource, in the order of the text. */
export type Bindings = ReadonlyMap<string, readonly string[]>;

/** Throws a refusal for what is none. The text may come in base64. */
export function parseBindings(text: string): Bindings {
  const found = new Map<string, readonly string[]>();
  for (const { keys, value } of itemsOf(plainText(text))) {
    const [kind, resource] = keys.map((key) => key.text);
    if (kind !== 'resource') throw refuse(`unable to parse bindings: invalid key ${quote(kind ?? '')}`);
    for (const [name, inner] of resource === undefined ? nested(value) : [[resource, value] as const]) {
      projectOf(name);
      found.set(name, rolesIn(name, inner));
    }
  }
  if (found.size === 0) throw refuse('unable to parse bindings: no resources found');
  return found;
}

function itemsOf(text: string): readonly HclItem[] {
  try {
    return parseHcl(text).items;
  } catch (error) {
    throw error instanceof HclError ? refuse(`unable to parse bindings: ${error.message}`) : error;
  }
}

const nested = (value: HclValue): readonly (readonly [string, HclValue])[] =>
  value.kind === 'object' ? value.items.map((item) => [item.keys[0]?.text ?? '', item.value] as const) : [];

function rolesIn(resource: string, value: HclValue): readonly string[] {
  const roles = nested(value).find(([name]) => name === 'roles')?.[1];
  const list = roles?.kind === 'list' ? roles.items : [];
  const names = list.map((one) => (one.kind === 'literal' ? String(one.value) : ''));
  if (names.length === 0) throw refuse(`unable to parse bindings: no roles given for resource ${quote(resource)}`);
  return names;
}

/** The project that a resource is. Throws a refusal for what is none: only projects are known here. */
export function projectOf(resource: string): string {
  const name =
    /^(?:\/\/cloudresourcemanager\.googleapis\.com\/|https:\/\/cloudresourcemanager\.googleapis\.com\/v1\/)?projects\/([^/]+)$/.exec(
      resource,
    );
  if (name === null) throw refuse(`unable to parse bindings: no resource of this kind is known: ${quote(resource)}`);
  return name[1]!;
}
