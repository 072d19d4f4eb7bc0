/** Roles: `roles/<name>`, whose tokens are made, in which namespaces, with which rights and how long. */
import { asNumber, asObject, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import { SECOND, type Micros } from '../../runtime.ts';

export interface KubernetesRole {
  readonly name: string;
  /** '*' is any. Null: never said. */
  readonly namespaces: readonly string[] | null;
  /** JSON or YAML; '' for none. */
  readonly selector: string;
  readonly maxTtl: Micros;
  readonly defaultTtl: Micros;
  readonly audiences: readonly string[] | null;
  /** Of these three one is not ''. */
  readonly serviceAccount: string;
  readonly roleName: string;
  readonly rules: string;
  readonly roleType: string;
  readonly nameTemplate: string;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly annotations: Readonly<Record<string, string>> | null;
}

/** Stored durations of Go count nanoseconds. */
const NANOS = 1_000;

const fieldsOf = (role: KubernetesRole, duration: (ttl: Micros) => number): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['name', role.name],
    ['allowed_kubernetes_namespaces', role.namespaces],
    ['allowed_kubernetes_namespace_selector', role.selector],
    ['token_max_ttl', duration(role.maxTtl)],
    ['token_default_ttl', duration(role.defaultTtl)],
    ['token_default_audiences', role.audiences],
    ['service_account_name', role.serviceAccount],
    ['kubernetes_role_name', role.roleName],
    ['kubernetes_role_type', role.roleType],
    ['generated_role_rules', role.rules],
    ['name_template', role.nameTemplate],
    ['extra_labels', role.labels],
    ['extra_annotations', role.annotations],
  ]);

export const roleForm: Form<KubernetesRole> = {
  encode: (role) => fieldsOf(role, (ttl) => ttl * NANOS),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    return {
      name: text('name'),
      namespaces: asStrings(fields['allowed_kubernetes_namespaces']) ?? null,
      selector: text('allowed_kubernetes_namespace_selector'),
      maxTtl: (asNumber(fields['token_max_ttl']) ?? 0) / NANOS,
      defaultTtl: (asNumber(fields['token_default_ttl']) ?? 0) / NANOS,
      audiences: asStrings(fields['token_default_audiences']) ?? null,
      serviceAccount: text('service_account_name'),
      roleName: text('kubernetes_role_name'),
      roleType: text('kubernetes_role_type'),
      rules: text('generated_role_rules'),
      nameTemplate: text('name_template'),
      labels: asStringMap(fields['extra_labels']) ?? null,
      annotations: asStringMap(fields['extra_annotations']) ?? null,
    };
  },
};

/** As clients see it. */
export const shownRole = (role: KubernetesRole): JsonObject =>
  Object.fromEntries(fieldsOf(role, (ttl) => ttl / SECOND));

export const newRole = (name: string): KubernetesRole => ({
  name,
  namespaces: null,
  selector: '',
  maxTtl: 0,
  defaultTtl: 0,
  audiences: null,
  serviceAccount: '',
  roleName: '',
  rules: '',
  roleType: '',
  nameTemplate: '',
  labels: null,
  annotations: null,
});
