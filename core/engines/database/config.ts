/** The stored configuration of a connection: `config/<name>`. */
import { asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';

export interface ConnectionConfig {
  readonly plugin: string;
  /** All that is not the engine's own, as it was sent. */
  readonly details: JsonObject;
  readonly allowedRoles: readonly string[];
  readonly rotation: readonly string[];
  readonly passwordPolicy: string;
}

export const configForm: Form<ConnectionConfig> = {
  encode: ({ plugin, details, allowedRoles, rotation, passwordPolicy }) =>
    new Map<string, JsonValue>([
      ['plugin_name', plugin],
      ['plugin_version', ''],
      ['connection_details', details],
      ['allowed_roles', [...allowedRoles]],
      ['root_credentials_rotate_statements', [...rotation]],
      ['password_policy', passwordPolicy],
    ]),
  decode(stored) {
    const fields = isObject(stored) ? stored : {};
    return {
      plugin: asString(fields['plugin_name']) ?? '',
      details: asObject(fields['connection_details']) ?? {},
      allowedRoles: asStrings(fields['allowed_roles']) ?? [],
      rotation: asStrings(fields['root_credentials_rotate_statements']) ?? [],
      passwordPolicy: asString(fields['password_policy']) ?? '',
    };
  },
};

/** Names, or with '*' at their ends the beginnings and ends of names. */
export const isAllowed = ({ allowedRoles }: ConnectionConfig, role: string): boolean =>
  allowedRoles.some((pattern) => matches(pattern, role));

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const [open, end] = [pattern.startsWith('*'), pattern.endsWith('*')];
  const middle = pattern.slice(open ? 1 : 0, end && pattern.length > 1 ? -1 : undefined);
  if (open && end) return name.includes(middle);
  if (open) return name.endsWith(middle);
  return end && name.startsWith(middle);
}
