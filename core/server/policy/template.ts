/** `{{identity.…}}` in the paths of policies: checked when written, filled in for each entity when an ACL is built. */
import { TemplateError, noTemplateValue, splitTemplate } from '../../codec/template-text.ts';
import type { Entity, IdentityGroup } from '../services.ts';

export { TemplateError };

export interface TemplateSubject {
  readonly entity: Entity | undefined;
  readonly groups: readonly IdentityGroup[];
  readonly allowWildcards: boolean;
  readonly allowSlashes: boolean;
}

/** Whether the text has templates. Throws TemplateError. */
export const isTemplated = (text: string): boolean => splitTemplate(text).length > 1;

/** Throws TemplateError. */
export function fillTemplate(text: string, subject: TemplateSubject): string {
  const pieces = splitTemplate(text);
  return pieces.map((piece, i) => (i % 2 === 0 ? piece : checked(valueOf(piece, subject), subject))).join('');
}

// A value with a wildcard or a slash would widen the path beyond what the policy's author saw.
function checked(value: string, subject: TemplateSubject): string {
  if (!subject.allowWildcards && /[*+]/.test(value)) throw new TemplateError('template value contains wildcards');
  if (!subject.allowSlashes && value.includes('/')) throw new TemplateError('template value contains slashes');
  return value;
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
  const found = entity.aliases.find((one) => one.mountAccessor === alias.slice(0, dot));
  if (dot < 0 || found === undefined) throw noTemplateValue();
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
  const found = /^(ids|names)\.(.+?)\.(id|name|metadata\..+)$/.exec(what);
  if (found === null) throw noTemplateValue();
  const [, by, key, wanted] = found as unknown as [string, string, string, string];
  const group = groups.find((one) => (by === 'ids' ? one.id : one.name) === key);
  if (group === undefined) throw noTemplateValue();
  if (wanted === 'id') return group.id;
  if (wanted === 'name') return group.name;
  return metadataValue(group.metadata, wanted.slice('metadata.'.length));
}
