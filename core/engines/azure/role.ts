/** Roles: `roles/<name>`, an application that is there, or what a new one may do. */
import { asBoolean, asList, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { JsonError, type JsonObject, type JsonValue, parse } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import type { Form } from '../../framework/collection.ts';
import { type Micros, SECOND } from '../../runtime.ts';
import { NANOS } from './config.ts';

/** A role of Azure's, in a scope. */
export interface AssignedRole {
  readonly role_name: string;
  readonly role_id: string;
  /** /subscriptions/… */
  readonly scope: string;
}

export interface JoinedGroup {
  readonly group_name: string;
  readonly object_id: string;
}

export interface AzureRole {
  readonly azureRoles: readonly AssignedRole[];
  readonly azureGroups: readonly JoinedGroup[];
  readonly applicationId: string;
  /** '' for applications of their own. */
  readonly applicationObjectId: string;
  readonly ttl: Micros;
  readonly maxTtl: Micros;
  readonly permanentlyDelete: boolean;
}

export const noRole: AzureRole = {
  azureRoles: [],
  azureGroups: [],
  applicationId: '',
  applicationObjectId: '',
  ttl: 0,
  maxTtl: 0,
  permanentlyDelete: false,
};

const assigned = ({ role_name, role_id, scope }: AssignedRole): JsonValue =>
  new Map([
    ['role_name', role_name],
    ['role_id', role_id],
    ['scope', scope],
  ]);
const joined = ({ group_name, object_id }: JoinedGroup): JsonValue =>
  new Map([
    ['group_name', group_name],
    ['object_id', object_id],
  ]);

const toAssigned = (value: JsonValue): AssignedRole => {
  const fields = asObject(value) ?? {};
  const text = (name: string): string => asString(fields[name]) ?? '';
  return { role_name: text('role_name'), role_id: text('role_id'), scope: text('scope') };
};
const toJoined = (value: JsonValue): JoinedGroup => {
  const fields = asObject(value) ?? {};
  return { group_name: asString(fields['group_name']) ?? '', object_id: asString(fields['object_id']) ?? '' };
};

export const roleForm: Form<AzureRole> = {
  encode: (role) =>
    new Map<string, JsonValue>([
      ['credential_type', 0],
      ['azure_roles', role.azureRoles.map(assigned)],
      ['azure_groups', role.azureGroups.map(joined)],
      ['application_id', role.applicationId],
      ['application_object_id', role.applicationObjectId],
      ['ttl', role.ttl * NANOS],
      ['max_ttl', role.maxTtl * NANOS],
      ['permanently_delete', role.permanentlyDelete],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      azureRoles: (asList(fields['azure_roles']) ?? []).map(toAssigned),
      azureGroups: (asList(fields['azure_groups']) ?? []).map(toJoined),
      applicationId: asString(fields['application_id']) ?? '',
      applicationObjectId: asString(fields['application_object_id']) ?? '',
      ttl: (asNumber(fields['ttl']) ?? 0) / NANOS,
      maxTtl: (asNumber(fields['max_ttl']) ?? 0) / NANOS,
      permanentlyDelete: asBoolean(fields['permanently_delete']) ?? false,
    };
  },
};

export const shownRole = (role: AzureRole): JsonObject => ({
  ttl: role.ttl / SECOND,
  max_ttl: role.maxTtl / SECOND,
  azure_roles: role.azureRoles.map(assigned),
  azure_groups: role.azureGroups.map(joined),
  application_object_id: role.applicationObjectId,
  permanently_delete: role.permanentlyDelete,
});

/** Throws a refusal for what is no list. */
function listIn<T>(what: string, text: string, read: (value: JsonValue) => T): readonly T[] {
  try {
    const list = asList(parse(text));
    if (list !== undefined) return list.map(read);
    throw new JsonError('json: cannot unmarshal into Go value of type []');
  } catch (error) {
    throw error instanceof JsonError ? refuse(`error parsing Azure ${what} '${text}': ${error.message}`) : error;
  }
}

export const parseAssignedRoles = (text: string): readonly AssignedRole[] => listIn('roles', text, toAssigned);
export const parseGroups = (text: string): readonly JoinedGroup[] => listIn('groups', text, toJoined);
