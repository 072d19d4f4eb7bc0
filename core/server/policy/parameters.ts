/** allowed_, denied_ and required_parameters against the fields of a request. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { Permissions } from './merge.ts';

/** '*' at either end, or both, stands for any text; a lone '*' is itself. */
function globMatches(pattern: string, text: string): boolean {
  if (pattern.length < 2) return pattern === text;
  const open = pattern.startsWith('*');
  const close = pattern.endsWith('*');
  if (open && close) return text.includes(pattern.slice(1, -1));
  if (open) return text.endsWith(pattern.slice(1));
  if (close) return text.startsWith(pattern.slice(0, -1));
  return pattern === text;
}

// Numbers of a request keep their literal and those of a policy do not, so upstream never finds them equal.
function sameValue(ruled: JsonValue, sent: JsonValue): boolean {
  if (typeof ruled === 'string') return typeof sent === 'string' && globMatches(ruled, sent);
  if (ruled === null || typeof ruled === 'boolean') return ruled === sent;
  return false;
}

const anyOf = (values: readonly JsonValue[], sent: JsonValue): boolean =>
  values.length === 0 || values.some((value) => sameValue(value, sent));

/** Whether the rule lets these fields through. Field names compare in lower case. */
export function parametersPass(rule: Permissions, data: JsonObject): boolean {
  for (const name of rule.required) if (data[name.toLowerCase()] === undefined) return false;
  if (rule.denied.size === 0 && rule.allowed.size === 0) return true;
  const fields = Object.keys(data);
  if (fields.length === 0) return true;
  if (rule.denied.size > 0) {
    if (rule.denied.has('*')) return false;
    for (const field of fields) {
      const values = rule.denied.get(field.toLowerCase());
      if (values !== undefined && anyOf(values, data[field]!)) return false;
    }
  }
  if (rule.allowed.size === 0) return true;
  const all = rule.allowed.has('*');
  if (all && rule.allowed.size === 1) return true;
  for (const field of fields) {
    const values = rule.allowed.get(field.toLowerCase());
    if (values === undefined ? !all : !anyOf(values, data[field]!)) return false;
  }
  return true;
}
