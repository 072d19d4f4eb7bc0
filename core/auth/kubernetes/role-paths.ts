/** `role`: which service accounts log in, and what a login gives. */
import { formatDuration } from '../../codec/duration.ts';
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { ObjectError, parseSelector } from '../../framework/kubernetes/objects.ts';
import type { Selector } from '../../framework/kubernetes/objects.ts';
import { applyOldNames, oldNameFields, shownOldNames } from '../../framework/old-token-names.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { applyTokenInput, shownTokenParams, tokenFields } from '../../framework/token-params.ts';
import { kubernetesPaths, type KubernetesCall } from './memory.ts';
import { newRole, type KubernetesRole } from './role.ts';

export const ALIAS_SOURCES = ['serviceaccount_uid', 'serviceaccount_name'] as const;

const fields = {
  name: field.string('Name of the role.', { required: true }),
  bound_service_account_names: field.commaStrings('Service accounts that may log in, with * for anything.'),
  bound_service_account_namespaces: field.commaStrings('Namespaces whose service accounts may, with * for anything.'),
  bound_service_account_namespace_selector: field.string(
    'Labels of namespaces whose service accounts may as well, as JSON or YAML.',
  ),
  audience: field.string('Whom a token has to be for.'),
  alias_name_source: field.string(
    'What aliases are called after: "serviceaccount_uid", or "serviceaccount_name" with the namespace before it.',
    { default: ALIAS_SOURCES[0] },
  ),
  ...oldNameFields,
  ...tokenFields,
};

type Input = { readonly [K in keyof typeof fields]: (typeof fields)[K]['fallback'] } & {
  readonly name: string;
  readonly alias_name_source: string;
};

const STAR = quote('*');

/** Throws ObjectError for one that cannot be used. */
export function namespaceSelector(text: string): Selector {
  const selector = parseSelector(text);
  if (selector.expressions !== undefined) throw new ObjectError('label selector match expressions are not supported');
  return selector;
}

function applyBounds(role: KubernetesRole, input: Input): void {
  role.names = input.bound_service_account_names ?? role.names;
  checkList(role.names ?? []);
  if ((role.names ?? []).length === 0) throw refuse('"bound_service_account_names" can not be empty');
  role.namespaces = input.bound_service_account_namespaces ?? role.namespaces;
  role.selector = input.bound_service_account_namespace_selector ?? '';
  if ((role.namespaces ?? []).length === 0 && role.selector === '') {
    throw refuse(
      '"bound_service_account_namespaces" can not be empty if "bound_service_account_namespace_selector" is not set',
    );
  }
  try {
    if (role.selector !== '') namespaceSelector(role.selector);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw refuse('invalid "bound_service_account_namespace_selector" configured');
  }
  checkList(role.namespaces ?? []);
}

function checkList(patterns: readonly string[]): void {
  if (patterns.length > 1 && patterns.includes('*')) throw refuse(`can not mix ${STAR} with values`);
}

/** In upstream's order of checks. Returns warnings. */
function apply(role: KubernetesRole, input: Input, call: KubernetesCall): string[] {
  const { token } = role;
  applyTokenInput(token, input);
  applyOldNames(role, input);
  const most = call.system.maxLeaseTtl();
  if (token.period > most) {
    const [given, limit] = [quote(formatDuration(token.period)), quote(formatDuration(most))];
    throw refuse(`token period of '${given}' is greater than the backend's maximum lease TTL of '${limit}'`);
  }
  if (token.maxTtl > 0 && token.ttl > token.maxTtl) {
    throw refuse('token ttl should not be greater than token max ttl');
  }
  applyBounds(role, input);
  role.audience = input.audience ?? role.audience;
  if (wasSent(call, 'alias_name_source') || role.aliasSource === '') {
    role.aliasSource =
      input.alias_name_source === '' && role.aliasSource === '' ? ALIAS_SOURCES[0] : input.alias_name_source;
  }
  if (!ALIAS_SOURCES.some((source) => source === role.aliasSource)) {
    throw refuse(`invalid alias_name_source, must be one of: ${ALIAS_SOURCES.join(', ')}`);
  }
  if (token.maxTtl <= most) return [];
  return [
    "max_ttl is greater than the system or backend mount's maximum TTL value; issued tokens' max TTL value will be truncated",
  ];
}

const wasSent = ({ request }: KubernetesCall, name: string): boolean => Object.hasOwn(request.data, name);

function write(input: Input, call: KubernetesCall): Promise<Answer> {
  return call.transaction(async (_, store) => {
    const name = input.name.toLowerCase();
    const stored = await store.roles.get(name);
    if (stored === undefined && call.request.operation === 'update') {
      throw failure('role entry not found during update operation');
    }
    const role = stored ?? newRole();
    const warnings = apply(role, input, call);
    await store.roles.put(name, role);
    return warnings.length === 0 ? undefined : reply({ warnings });
  });
}

function shownRole(role: KubernetesRole): JsonObject {
  const params = shownTokenParams(role.token);
  return {
    ...params,
    ...shownOldNames(role, params),
    bound_service_account_names: role.names ?? null,
    bound_service_account_namespaces: role.namespaces ?? null,
    bound_service_account_namespace_selector: role.selector,
    ...(role.audience === '' ? {} : { audience: role.audience }),
    alias_name_source: role.aliasSource,
  };
}

export const findRole = (name: string, { store }: KubernetesCall): Promise<KubernetesRole | undefined> =>
  store.roles.get(name.toLowerCase());

export const rolePaths = kubernetesPaths()
  .path(
    'role/?',
    'The names of all roles.',
    pageFields,
    {
      list: {
        about: 'List the roles.',
        run: ({ after, limit }, { store, state }) => state.reading(() => store.roles.list({ after, limit })),
      },
    },
    {
      help: 'Names are in lower case.',
      id: { prefix: 'kubernetes', suffix: 'auth-roles' },
      display: { navigation: true, itemType: 'Role' },
    },
  )
  .path(
    'role/:name',
    'A role, which service accounts log in with.',
    fields,
    {
      read: {
        about: 'Read a role.',
        run: ({ name }, call) =>
          call.state.reading(async () => {
            const role = await findRole(name, call);
            return role && shownRole(role);
          }),
      },
      write: { about: 'Make or change a role.', run: (input, call) => call.state.writing(() => write(input, call)) },
      delete: {
        about: 'Delete a role.',
        run: ({ name }, { store, state }) => state.writing(() => store.roles.delete(name.toLowerCase())),
      },
    },
    {
      exists: ({ name }, call) => call.state.reading(async () => (await findRole(name, call)) !== undefined),
      resolve: ({ name }) => `role/${name.toLowerCase()}`,
      help: 'A role says which service accounts of which namespaces may log in, and what tokens they get.',
      id: { prefix: 'kubernetes', suffix: 'auth-role' },
      display: { itemType: 'Role', action: 'Create' },
    },
  );
