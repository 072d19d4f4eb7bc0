/**
 * `{{identity.…}}` in the paths of policies, which are checked when written and filled in for each entity when an ACL is
 * built, and in the roles of engines.
 */
import { quote } from '../../codec/go-quote.ts';
import { TemplateError, noTemplateValue, splitTemplate } from '../../codec/template-text.ts';
import type { Entity, IdentityGroup } from '../services.ts';

export { TemplateError };

export interface TemplateSubject {
  readonly entity: Entity | undefined;
  readonly groups: readonly IdentityGroup[];
  /** Texts that no value may have in it. */
  readonly forbidden: readonly string[];
}

/** Whether the text has templates. Throws TemplateError. */
export const isTemplated = (text: string): boolean => splitTemplate(text).length > 1;

/** Throws TemplateError. */
export function fillTemplate(text: string, subject: TemplateSubject): string {
  const pieces = splitTemplate(text);
  return pieces.map((piece, i) => (i % 2 === 0 ? piece : checked(valueOf(piece, subject), subject))).join('');
}

// A value with a wildcard, a slash or a comma would widen what the author of the text saw.
function checked(value: string, { forbidden }: TemplateSubject): string {
  const found = forbidden.find((text) => value.includes(text));
  if (found === undefined) return value;
  throw new TemplateError(`template substitution contains forbidden value: ${quote(found)}`);
}

function valueOf(directive: string, subject: TemplateSubject): string {
  const entity = after(directive, 'identity.entity.');
  if (entity !== undefined) {
    if (subject.entity === undefined)
      throw new TemplateError('string contains entity template directives but no entity was provided');
    return entityValue(entity, subject.entity);
  }
  const group = after(directive, 'identity.groups.');
  if (group === undefined) throw noTemplateValue();
  if (subject.groups.length === 0)
    throw new TemplateError('string contains groups template directives but no groups were provided');
  return groupValue(group, subject.groups);
}

const after = (text: string, prefix: string): string | undefined =>
  text.startsWith(prefix) ? text.slice(prefix.length) : undefined;

function metadataValue(metadata: Readonly<Record<string, string>> | undefined, key: string): string {
  if (metadata === undefined || !Object.hasOwn(metadata, key)) throw noTemplateValue();
  return metadata[key]!;
}

function entityValue(what: string, entity: Entity): string {
  if (what === 'id') return entity.id;
  if (what === 'name') return entity.name;
  const metadata = after(what, 'metadata.');
  if (metadata !== undefined) return metadataValue(entity.metadata, metadata);
  const alias = after(what, 'aliases.');
  if (alias === undefined) throw noTemplateValue();
  const dot = alias.indexOf('.');
  if (dot < 0) throw new TemplateError('invalid alias selector');
  const found = entity.aliases.find((one) => one.mountAccessor === alias.slice(0, dot));
  if (found === undefined) throw new TemplateError('alias not found');
  const rest = alias.slice(dot + 1);
  if (rest === 'id') return found.id;
  if (rest === 'name') return found.name;
  const own = after(rest, 'metadata.');
  if (own !== undefined) return metadataValue(found.metadata, own);
  const custom = after(rest, 'custom_metadata.');
  if (custom !== undefined) return metadataValue(found.customMetadata, custom);
  throw noTemplateValue();
}

function groupValue(what: string, groups: readonly IdentityGroup[]): string {
  const [by, rest] = cut(what);
  if (rest === undefined || (by !== 'ids' && by !== 'names')) throw new TemplateError('invalid groups selector');
  const [key, wanted] = cut(rest);
  if (wanted === undefined) throw new TemplateError('invalid groups accessor');
  const group = groups.find((one) => (by === 'ids' ? one.id : one.name) === key);
  if (group === undefined) throw new TemplateError(`entity is not a member of group ${quote(key)}`);
  if (wanted === 'id') return group.id;
  if (wanted === 'name') return group.name;
  const metadata = after(wanted, 'metadata.');
  if (metadata === undefined) throw noTemplateValue();
  return metadataValue(group.metadata, metadata);
}

/** What stands before and after the first dot. */
function cut(text: string): [before: string, after: string | undefined] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}
