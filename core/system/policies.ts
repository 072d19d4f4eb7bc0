/** sys/policy and sys/policies/acl: the policies that tokens carry. */
import type { JsonObject } from '../codec/json.ts';
import { plainText } from '../codec/plain-text.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import { type Fault, refuse, refuseAs } from '../fault.ts';
import { field } from '../framework/field.ts';
import type { Response } from '../framework/logical.ts';
import { reply } from '../framework/reply.ts';
import type { Micros } from '../runtime.ts';
import type { Active } from '../server/active.ts';
import { policyName } from '../server/policy/policy-name.ts';
import type { Policies, PolicyChange, PolicyEntry } from '../server/services.ts';
import { systemPaths } from './context.ts';

const name = field.string('Name of the policy.', { required: true });
const listed = field.bool('List them.', { query: true });
const writeFields = {
  name,
  policy: field.string('The rules, in HCL or JSON, as they are or in base64.', { always: true }),
  expiration: field.time('When the policy is to end.'),
  ttl: field.duration('After how long the policy is to end.'),
  cas: field.int('The version that is replaced; -1: none may exist.'),
  cas_required: field.bool('Whether later writes must say which version they replace.'),
  allow_wildcards_in_identity_templates: field.bool('Lets values filled into templates hold `*` and `+`.', {
    documented: false,
  }),
  allow_slashes_in_identity_templates: field.bool('Lets values filled into templates hold `/`.', { documented: false }),
};

interface Sent {
  readonly policy: string;
  readonly expiration: Micros | undefined;
  readonly ttl: Micros | undefined;
  readonly cas: number | undefined;
  readonly cas_required: boolean | undefined;
  readonly allow_wildcards_in_identity_templates: boolean | undefined;
  readonly allow_slashes_in_identity_templates: boolean | undefined;
}

function changeOf(sent: Sent, now: Micros, patch: boolean): PolicyChange {
  if (sent.expiration !== undefined && sent.ttl !== undefined) {
    throw refuse(`cannot supply both 'expiration' and 'ttl' for policies`);
  }
  const expiration = sent.expiration ?? (sent.ttl === undefined ? undefined : now + sent.ttl);
  if (expiration !== undefined && expiration <= now) {
    throw refuse('refusing to update policy as expiration time has already elapsed');
  }
  return {
    ...(sent.policy !== '' && { raw: plainText(sent.policy) }),
    ...(expiration !== undefined && { expiration }),
    ...(sent.cas !== undefined && { cas: sent.cas }),
    ...(sent.cas_required !== undefined && { casRequired: sent.cas_required }),
    ...(sent.allow_wildcards_in_identity_templates !== undefined && {
      allowWildcards: sent.allow_wildcards_in_identity_templates,
    }),
    ...(sent.allow_slashes_in_identity_templates !== undefined && {
      allowSlashes: sent.allow_slashes_in_identity_templates,
    }),
    patch,
  };
}

const noRules = (): Fault => refuseAs('', `'policy' parameter not supplied or empty`);

async function write(policies: Policies, name: string, sent: Sent, now: Micros, patch = false): Promise<void> {
  if (sent.policy === '' && (!patch || policyName(name) === 'root')) throw noRules();
  await policies.put(name, changeOf(sent, now, patch));
}

/** `key` names the text: the older path calls it `rules`. */
function shown(entry: PolicyEntry, key: 'policy' | 'rules'): JsonObject {
  return {
    allow_slashes_in_identity_templates: entry.allowSlashes,
    allow_wildcards_in_identity_templates: entry.allowWildcards,
    cas_required: entry.casRequired,
    ...(entry.expiration !== 0 && { expiration: formatRfc3339(entry.expiration) }),
    ...(entry.modified !== 0 && { modified: formatRfc3339(entry.modified) }),
    name: entry.name,
    [key]: entry.raw,
    version: entry.version,
  };
}

async function read(policies: Policies, name: string, key: 'policy' | 'rules'): Promise<JsonObject | undefined> {
  const entry = await policies.get(name);
  return entry && shown(entry, key);
}

/** 'root' is a policy of the root namespace, in whatever folder. */
async function withRoot({ services, namespace }: Active, prefix = ''): Promise<string[]> {
  const names = await services.policies.list(prefix);
  return namespace.path === '' ? [...names, 'root'] : names;
}

/** Undefined: there are none. */
async function detailed(active: Active, prefix: string): Promise<Response | undefined> {
  const { policies } = active.services;
  const keys = await withRoot(active, prefix);
  if (keys.length === 0) return undefined;
  const info: JsonObject = {};
  for (const key of keys) {
    const entry = await policies.get(key);
    if (entry !== undefined) info[key] = shown(entry, 'policy');
  }
  return { data: { keys, key_info: info } };
}

const listTwice = async (active: Active): Promise<JsonObject> => {
  const keys = await withRoot(active);
  return { keys, policies: keys };
};

const folder = (prefix: string): string => (prefix.endsWith('/') ? prefix : `${prefix}/`);

export const policyPaths = systemPaths()
  .path(
    'policy/?',
    'Names of the policies.',
    {},
    {
      read: {
        about: 'List the policies.',
        run: (_, { context }) => listTwice(context.node.active()),
      },
      list: {
        about: 'List the policies.',
        run: (_, { context }) => listTwice(context.node.active()),
      },
    },
  )
  .path(
    'policy/:name+',
    'A policy.',
    { ...writeFields, rules: field.string('The older name of `policy`.', { always: true, deprecated: true }) },
    {
      read: {
        about: 'Read a policy.',
        run: (sent, { context }) => {
          const active = context.node.active();
          return read(active.services.policies, sent.name, 'rules');
        },
      },
      update: {
        about: 'Write a policy.',
        run: async (sent, call) => {
          const old = sent.policy === '' && sent.rules !== '';
          const { policies } = call.context.node.active().services;
          await write(policies, sent.name, old ? { ...sent, policy: sent.rules } : sent, call.now());
          return old ? reply({ warnings: [`'rules' is deprecated, please use 'policy' instead`] }) : undefined;
        },
      },
      list: {
        about: 'List the policies in a folder.',
        run: async (sent, { context }) => {
          const keys = await context.node.active().services.policies.list(folder(sent.name));
          return reply({ data: keys.length === 0 ? { policies: null } : { keys, policies: keys } });
        },
      },
      delete: {
        about: 'Delete a policy.',
        run: (sent, { context }) => context.node.active().services.policies.delete(sent.name),
      },
    },
    { resolve: (sent) => `policy/${policyName(sent.name)}` },
  )
  .path(
    'policies/acl/?',
    'Names of the policies.',
    {},
    {
      list: { about: 'List the policies.', run: (_, { context }) => withRoot(context.node.active()) },
    },
  )
  .path(
    'policies/acl/:name+',
    'A policy.',
    writeFields,
    {
      list: {
        about: 'List the policies in a folder.',
        run: (sent, { context }) => context.node.active().services.policies.list(folder(sent.name)),
      },
      read: {
        about: 'Read a policy.',
        run: (sent, { context }) => read(context.node.active().services.policies, sent.name, 'policy'),
      },
      update: {
        about: 'Write a policy.',
        run: (sent, call) => write(call.context.node.active().services.policies, sent.name, sent, call.now()),
      },
      patch: {
        about: 'Change some of a policy.',
        run: async (sent, call) => {
          if (sent.policy === '' && Object.hasOwn(call.request.data, 'policy')) throw noRules();
          await write(call.context.node.active().services.policies, sent.name, sent, call.now(), true);
          return reply({});
        },
      },
      delete: {
        about: 'Delete a policy.',
        run: (sent, { context }) => context.node.active().services.policies.delete(sent.name),
      },
    },
    { resolve: (sent) => `policies/acl/${policyName(sent.name)}` },
  )
  .path(
    'policies/detailed/acl/?',
    'Policies with their rules.',
    { list: listed },
    {
      list: {
        about: 'List the policies with their rules.',
        run: async (_, { context }) => {
          const found = await detailed(context.node.active(), '');
          return found && reply(found);
        },
      },
    },
    { id: { byMount: true } },
  )
  .path(
    'policies/detailed/acl/:name+',
    'Policies in a folder with their rules.',
    { name, list: listed },
    {
      list: {
        about: 'List the policies in a folder with their rules.',
        run: async (sent, { context }) => {
          const found = await detailed(context.node.active(), folder(sent.name));
          return found && reply(found);
        },
      },
    },
    { id: { byMount: true } },
  );
