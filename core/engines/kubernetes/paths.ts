/** The paths of Kubernetes: how the API is reached, roles and tokens. */
import { compareText } from '../../codec/bytes.ts';
import { formatDuration } from '../../codec/duration.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import { reply } from '../../framework/reply.ts';
import type { Micros, Runtime } from '../../runtime.ts';
import { kubernetesPaths } from './call.ts';
import { hostOfPod, missingVariables } from './config.ts';
import { makeToken, NAME_TEMPLATE, SUBJECT } from './credentials.ts';
import { ObjectError, parseRules, parseSelector } from '../../framework/kubernetes/objects.ts';
import { newRole, shownRole, type KubernetesRole } from './role.ts';

const none = { host: '', ca: '', token: '', onlyConfigured: false };

export const configPaths = kubernetesPaths()
  .path(
    'config',
    'How the API is reached.',
    {
      disable_local_ca_jwt: field.bool('Do not look for authority and token in the pod.', {
        documented: false,
        display: { name: 'Disable use of local CA and service account JWT' },
      }),
      kubernetes_ca_cert: field.string('PEM of the authority.', { display: { name: 'Kubernetes CA Certificate' } }),
      kubernetes_host: field.string('Address of the API.', { display: { name: 'Kubernetes API URL' } }),
      service_account_jwt: field.string('The token to show.', { display: { name: 'Kubernetes API JWT' } }),
    },
    {
      read: {
        about: 'Read how the API is reached.',
        id: { suffix: 'configuration' },
        run: async (_, { store }) => {
          const config = await store.config.get('config');
          if (config === undefined) return undefined;
          const { host, ca, onlyConfigured } = config;
          return { disable_local_ca_jwt: onlyConfigured, kubernetes_ca_cert: ca, kubernetes_host: host };
        },
      },
      update: {
        about: 'Set how the API is reached.',
        id: { verb: 'configure' },
        run: async (sent, { store, runtime }) => {
          const old = (await store.config.get('config')) ?? none;
          if (sent.kubernetes_host === undefined && hostOfPod(runtime) === undefined) {
            throw failure('kubernetes_host was unset and could not be determined from environment variables');
          }
          await store.config.put('config', {
            host: sent.kubernetes_host ?? old.host,
            ca: sent.kubernetes_ca_cert ?? old.ca,
            token: sent.service_account_jwt ?? old.token,
            onlyConfigured: sent.disable_local_ca_jwt ?? old.onlyConfigured,
          });
        },
      },
      delete: {
        about: 'Forget how the API is reached.',
        id: { suffix: 'configuration' },
        run: (_, { store }) => store.config.delete('config'),
      },
    },
    { id: { prefix: 'kubernetes' } },
  )
  .path(
    'creds/:name',
    'A token.',
    {
      name: field.lowerCase('Name of the role.', { required: true }),
      kubernetes_namespace: field.string('Where the account is.', { required: true }),
      cluster_role_binding: field.bool('Bind the role in the whole cluster.', { always: true }),
      ttl: field.duration('How long the token is to be good.', { always: true }),
      audiences: field.commaStrings('Whom the token is for.', { always: true }),
    },
    { update: { about: 'Make a token.', forward: true, run: makeToken } },
    { id: { prefix: 'kubernetes', verb: 'generate', suffix: 'credentials' } },
  )
  .path(
    'check/?',
    'Whether this node runs in a pod.',
    {},
    {
      read: {
        about: 'Look for the variables of a pod.',
        run: (_, { runtime }) => {
          const missing = missingVariables(runtime);
          if (missing.length > 0) throw refuse(`Missing environment variables: ${missing.join(', ')}`);
          return reply({ status: 204 });
        },
      },
    },
    { id: { prefix: 'kubernetes', verb: 'check', suffix: 'configuration' } },
  );

interface RoleInput {
  readonly allowed_kubernetes_namespaces: readonly string[] | undefined;
  readonly allowed_kubernetes_namespace_selector: string | undefined;
  readonly token_max_ttl: Micros | undefined;
  readonly token_default_ttl: Micros | undefined;
  readonly token_default_audiences: readonly string[] | undefined;
  readonly service_account_name: string | undefined;
  readonly kubernetes_role_name: string | undefined;
  readonly kubernetes_role_type: string | undefined;
  readonly generated_role_rules: string | undefined;
  readonly name_template: string | undefined;
  readonly extra_labels: Readonly<Record<string, string>> | undefined;
  readonly extra_annotations: Readonly<Record<string, string>> | undefined;
}

/** Each once and in order. */
const sortedOnce = (names: readonly string[]): string[] =>
  [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))].sort(compareText);

const changed = (old: KubernetesRole, sent: RoleInput, raw: JsonObject): KubernetesRole => ({
  name: old.name,
  namespaces:
    sent.allowed_kubernetes_namespaces === undefined
      ? old.namespaces
      : sortedOnce(sent.allowed_kubernetes_namespaces.map((name) => name.toLowerCase())),
  selector: sent.allowed_kubernetes_namespace_selector ?? old.selector,
  maxTtl: sent.token_max_ttl ?? old.maxTtl,
  defaultTtl: sent.token_default_ttl ?? old.defaultTtl,
  audiences: sent.token_default_audiences === undefined ? old.audiences : sortedOnce(sent.token_default_audiences),
  serviceAccount: sent.service_account_name ?? old.serviceAccount,
  roleName: sent.kubernetes_role_name ?? old.roleName,
  roleType: typeOf(sent.kubernetes_role_type ?? old.roleType),
  rules: sent.generated_role_rules ?? old.rules,
  nameTemplate: sent.name_template ?? old.nameTemplate,
  labels: raw['extra_labels'] === null ? null : (sent.extra_labels ?? old.labels),
  annotations: raw['extra_annotations'] === null ? null : (sent.extra_annotations ?? old.annotations),
});

const typeOf = (sent: string): string =>
  ({ '': 'Role', role: 'Role', clusterrole: 'ClusterRole' })[sent.toLowerCase()] ?? sent;

function check(role: KubernetesRole, runtime: Runtime): void {
  if ((role.namespaces ?? []).length === 0 && role.selector === '') {
    throw refuse(
      'one (at least) of allowed_kubernetes_namespaces or allowed_kubernetes_namespace_selector must be set',
    );
  }
  if ([role.serviceAccount, role.roleName, role.rules].filter((one) => one !== '').length !== 1) {
    throw refuse(
      'one (and only one) of service_account_name, kubernetes_role_name or generated_role_rules must be set',
    );
  }
  if (role.maxTtl > 0 && role.defaultTtl > role.maxTtl) {
    const [shorter, longer] = [formatDuration(role.maxTtl), formatDuration(role.defaultTtl)];
    throw refuse(`token_default_ttl ${longer} cannot be greater than token_max_ttl ${shorter}`);
  }
  if (role.roleType !== 'Role' && role.roleType !== 'ClusterRole') {
    throw refuse("kubernetes_role_type must be either 'Role' or 'ClusterRole'");
  }
  checkObject(role.selector, parseSelector, 'allowed_kubernetes_namespace_selector', 'meta/v1/LabelSelector');
  checkObject(role.rules, parseRules, 'generated_role_rules', 'rbac/v1/Policy');
  try {
    void new NameTemplate(role.nameTemplate === '' ? NAME_TEMPLATE : role.nameTemplate, runtime, SUBJECT);
  } catch (error) {
    throw error instanceof NameTemplateError ? refuse(`unable to initialize name template: ${error.message}`) : error;
  }
}

function checkObject(text: string, read: (text: string) => unknown, name: string, type: string): void {
  try {
    if (text !== '') read(text);
  } catch (error) {
    throw error instanceof ObjectError ? refuse(`failed to parse '${name}' as k8s.io/api/${type} object`) : error;
  }
}

export const rolePaths = kubernetesPaths()
  .path(
    'roles/:name',
    'A role.',
    {
      name: field.lowerCase('Name of the role.', { required: true }),
      allowed_kubernetes_namespaces: field.commaStrings('Where tokens may be made; "*" is anywhere.'),
      allowed_kubernetes_namespace_selector: field.string('Labels of where tokens may be made, as JSON or YAML.'),
      token_max_ttl: field.duration('How long a token is good at most.'),
      token_default_ttl: field.duration('How long a token is good when nobody says.'),
      token_default_audiences: field.commaStrings('Whom a token is for when nobody says.'),
      service_account_name: field.string('An account that is there.'),
      kubernetes_role_name: field.string('A role that is there, for an account that is made.'),
      kubernetes_role_type: field.string('"Role" or "ClusterRole".', { documented: 'Role' }),
      generated_role_rules: field.string('The rules of a role that is made, as JSON or YAML.'),
      name_template: field.string('How what is made is called.'),
      extra_labels: field.kvPairs('Labels of what is made.'),
      extra_annotations: field.kvPairs('Annotations of what is made.'),
    },
    {
      read: {
        about: 'Read a role.',
        run: async ({ name }, { store }) => {
          const role = await store.roles.get(name);
          return role && shownRole(role);
        },
      },
      write: {
        about: 'Make or change a role.',
        run: async ({ name, ...sent }, { store, runtime, request }) => {
          const role = changed((await store.roles.get(name)) ?? newRole(name), sent, request.data);
          check(role, runtime);
          await store.roles.put(name, role);
        },
      },
      delete: { about: 'Delete a role.', run: ({ name }, { store }) => store.roles.delete(name) },
    },
    {
      id: { prefix: 'kubernetes', suffix: 'role' },
      exists: async ({ name }, { store }) => (await store.roles.get(name)) !== undefined,
    },
  )
  .path(
    'roles',
    'Names of the roles.',
    pageFields,
    {
      list: {
        about: 'List the roles.',
        run: ({ after, limit }, { store }) => store.roles.list({ after, limit }),
      },
    },
    { id: { prefix: 'kubernetes', suffix: 'roles' } },
  );
