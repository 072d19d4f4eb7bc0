/** JSON templates of roles and scopes: claims about an entity and its groups. */
import { Base64Error, decodeBase64 } from '../../../codec/base64.ts';
import { DurationError } from '../../../codec/duration.ts';
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { JsonError, parseObject, print } from '../../../codec/json.ts';
import { noTemplateValue, templatePieces, TemplateError } from '../../../codec/template-text.ts';
import { decodeUtf8 } from '../../../codec/utf8.ts';
import { quote } from '../../../codec/go-quote.ts';
import { refuse } from '../../../fault.ts';
import { CoercionError } from '../../../framework/coerce.ts';
import { toMicros } from '../../../framework/coerce-time.ts';
import type { Micros } from '../../../runtime.ts';
import type { StoredEntity, StoredGroup, Texts } from '../model.ts';

/** Claims that only the server sets. */
export const RESERVED = ['iat', 'aud', 'exp', 'iss', 'sub', 'namespace', 'nonce', 'auth_time', 'at_hash', 'c_hash'];

export interface TemplateInput {
  /** Undefined where a template is only checked. */
  readonly entity: StoredEntity | undefined;
  readonly groups: readonly StoredGroup[];
  /** Wall micros. */
  readonly now: Micros;
}

/** The filled-in text. Throws TemplateError. */
export function fillJsonTemplate(text: string, input: TemplateInput): string {
  // What is wrong in a directive is told before braces that do not pair behind it.
  let filled = '';
  let inside = false;
  for (const piece of templatePieces(text)) {
    filled += inside ? print(valueOf(piece, input)) : piece;
    inside = !inside;
  }
  return filled;
}

/** The claims of a template, which was checked when it was written. Throws TemplateError and JsonError. */
export const claimsOf = (template: string, input: TemplateInput): JsonObject =>
  template === '' ? {} : parseObject(fillJsonTemplate(template, input));

const after = (text: string, prefix: string): string | undefined =>
  text.startsWith(prefix) ? text.slice(prefix.length) : undefined;

function valueOf(directive: string, input: TemplateInput): JsonValue {
  const entity = after(directive, 'identity.entity.');
  if (entity !== undefined) return entityValue(entity, input);
  if (directive.startsWith('identity.groups.')) {
    throw new TemplateError('string contains groups template directives but no groups were provided');
  }
  const time = after(directive, 'time.');
  if (time !== undefined) return timeValue(time, input.now);
  throw noTemplateValue();
}

function entityValue(what: string, { entity, groups }: TemplateInput): JsonValue {
  if (what === 'id') return entity?.id ?? '';
  if (what === 'name') return entity?.name ?? '';
  if (what === 'groups.ids') return groups.map(({ id }) => id);
  if (what === 'groups.names') return groups.map(({ name }) => name);
  if (what === 'metadata') return entity?.metadata ?? {};
  const key = after(what, 'metadata.');
  if (key !== undefined) return textOf(entity?.metadata, key);
  const alias = after(what, 'aliases.');
  if (alias === undefined) throw noTemplateValue();
  const dot = alias.indexOf('.');
  if (dot < 0) throw new TemplateError('invalid alias selector');
  const found = entity?.aliases.find((one) => one.mountAccessor === alias.slice(0, dot));
  const part = alias.slice(dot + 1);
  if (part === 'id') return found?.id ?? '';
  if (part === 'name') return found?.name ?? '';
  if (part === 'metadata') return found?.metadata ?? {};
  if (part === 'custom_metadata') return found?.customMetadata ?? {};
  const own = after(part, 'metadata.');
  if (own !== undefined) return textOf(found?.metadata, own);
  const custom = after(part, 'custom_metadata.');
  if (custom !== undefined) return textOf(found?.customMetadata, custom);
  throw noTemplateValue();
}

const textOf = (texts: Texts | undefined, key: string): string =>
  texts !== undefined && Object.hasOwn(texts, key) ? texts[key]! : '';

function timeValue(what: string, now: Micros): number {
  const [selector, operator, ...operand] = what.split('.');
  if (selector !== 'now') throw new TemplateError(`invalid time selector ${quote(selector!)}`);
  if (operator === undefined) return Math.floor(now / 1_000_000);
  if (operand.length === 0) throw new TemplateError('missing time operand');
  const shift = shiftOf(operand.join('.'));
  if (operator !== 'plus' && operator !== 'minus') throw new TemplateError(`invalid time operator ${quote(operator)}`);
  return Math.floor((operator === 'plus' ? now + shift : now - shift) / 1_000_000);
}

function shiftOf(operand: string): number {
  try {
    return toMicros(operand);
  } catch (error) {
    if (!(error instanceof CoercionError || error instanceof DurationError)) throw error;
    throw new TemplateError(`invalid duration: ${error.message}`);
  }
}

/** A template as it is to be stored: sent in base64 or plain, checked with an entity that has nothing. */
export function checkedTemplate(sent: string, now: Micros): string {
  const bytes = fromBase64(sent);
  const template = bytes === undefined ? sent : decodeUtf8(bytes);
  if (template === '') return '';
  let claims: JsonObject;
  try {
    const filled = fillJsonTemplate(template, { entity: undefined, groups: [], now });
    // As it came where nothing is filled in: a byte that is part of no character is named.
    claims = parseObject(filled === template && bytes !== undefined ? bytes : filled);
  } catch (error) {
    if (error instanceof TemplateError) throw refuse(`error parsing template: ${error.message}`);
    if (error instanceof JsonError) throw refuse(`error parsing template JSON: ${error.message}`);
    throw error;
  }
  for (const name of Object.keys(claims).sort()) {
    if (RESERVED.includes(name)) {
      throw refuse(`top level key ${quote(name)} not allowed. Restricted keys: ${RESERVED.join(', ')}`);
    }
  }
  return template;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text);
  } catch (error) {
    if (error instanceof Base64Error) return undefined;
    throw error;
  }
}
