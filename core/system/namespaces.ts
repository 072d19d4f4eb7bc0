/** sys/namespaces: the namespaces below the one that is asked. */
import type { JsonObject } from '../codec/json.ts';
import { failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { encodeHex } from '../codec/hex.ts';
import { parseNamespaceSeal } from '../server/namespaces/seals.ts';
import type { Request } from '../framework/logical.ts';
import { reply } from '../framework/reply.ts';
import type { Active } from '../server/active.ts';
import type { NamespaceEntry } from '../server/namespaces/entry.ts';
import { checkName, checkNewName } from '../server/namespaces/names.ts';
import type { NamespaceNode } from '../server/namespaces/node.ts';
import { within } from '../server/namespaces/node.ts';
import { hasSudo } from '../server/tokens/sudo.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';

const path = field.string('Name of the namespace.', { required: true });
const customMetadata = field.map('Free-form strings about the namespace.');

const facts = (entry: NamespaceEntry): JsonObject => ({
  custom_metadata: entry.customMetadata,
  id: entry.id,
  locked: entry.unlockKey !== '',
  path: entry.path,
  tainted: entry.tainted,
  uuid: entry.uuid,
});

/** The namespace that the request is in. */
export function here({ namespaces, namespace }: Active): NamespaceNode {
  const node = namespaces.node(namespace.id);
  if (node === undefined) throw refuse('namespace not found');
  return node;
}

export interface Named {
  readonly parent: NamespaceNode;
  readonly name: string;
  /** Undefined: there is none. */
  readonly child: NamespaceNode | undefined;
}

/** A child by its name, which is checked first. */
export function childNamed(node: SystemNode, given: string): Named {
  const name = checkName(given);
  const active = node.active();
  const parent = here(active);
  return { parent, name, child: active.namespaces.named(parent, name) };
}

/** `change` is a merge patch where `old` is given: null removes. */
function metadataOf(sent: JsonObject, old?: NamespaceEntry['customMetadata']): Record<string, string> {
  const all: Record<string, string> = { ...old };
  for (const [name, value] of Object.entries(sent)) {
    if (typeof value === 'string') all[name] = value;
    else if (old === undefined) throw refuse('custom_metadata values must be strings');
    else if (value === null) delete all[name];
    else throw refuse(`metadata patch can only have string or null values, got ${goType(value)}`);
  }
  return all;
}

function goType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null
    ? 'map[string]interface {}'
    : 'json.Number';
}

/** Names relative to `top`, with what is known of each. */
function listed(top: NamespaceNode, found: Iterable<NamespaceNode>): JsonObject {
  const rows = [...found].map(({ entry }) => [entry.path.slice(top.entry.path.length), facts(entry)] as const);
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length === 0) return {};
  return { keys: rows.map(([name]) => name), key_info: Object.fromEntries(rows) };
}

function* below(top: NamespaceNode): Iterable<NamespaceNode> {
  for (const child of top.children.values()) yield* within(child);
}

/** By a path of several names, for locks: '' is the namespace itself. */
function lockable(active: Active, given: string): NamespaceNode {
  let node: NamespaceNode | undefined = here(active);
  for (const name of given.split('/').filter((one) => one !== '')) node = node?.children.get(name);
  if (node === undefined) throw refuse('requested namespace does not exist');
  if (node.parent === undefined) throw refuse('root namespace cannot be locked/unlocked');
  return node;
}

function lockedAbove(node: NamespaceNode): NamespaceNode | undefined {
  for (let at = node.parent; at !== undefined; at = at.parent) if (at.entry.unlockKey !== '') return at;
  return undefined;
}

async function lock(active: Active, given: string): Promise<JsonObject> {
  const node = lockable(active, given);
  const above = lockedAbove(node);
  const failing = `cannot lock namespace "${node.entry.path}":`;
  if (above !== undefined) throw refuse(`${failing} ancestor namespace "${above.entry.path}" is already locked`);
  if (node.entry.unlockKey !== '') throw refuse(`${failing} is already locked`);
  return { unlock_key: await active.namespaces.lock(node) };
}

/** With the key, or with sudo, which is warned of. */
async function unlock(active: Active, given: string, key: string, request: Request) {
  const node = lockable(active, given);
  const sudo = key === '' && (await callerHasSudo(active, request));
  if (key === '' && !sudo) throw failure('provided empty key');
  if (node.entry.unlockKey === '') throw refuse(`namespace "${node.entry.path}" is not locked`);
  const above = lockedAbove(node);
  if (above !== undefined) {
    throw refuse(`cannot unlock "${node.entry.path}" with namespace "${above.entry.path}" being locked`);
  }
  if (!sudo && key !== node.entry.unlockKey) throw refuse('incorrect unlock key');
  await active.namespaces.change(node, { unlockKey: '' });
  return sudo ? reply({ warnings: ['Namespace unlocked using sudo capabilities'] }) : undefined;
}

async function callerHasSudo({ check }: Active, request: Request): Promise<boolean> {
  const token = await check.context.services.tokens.stored(request.clientToken, true);
  return token !== undefined && hasSudo(check.context, request, token);
}

export const namespacePaths = systemPaths()
  .path(
    'namespaces/?',
    'The namespaces below this one.',
    {},
    {
      list: {
        about: 'The children.',
        run: (_, { context }) => {
          const top = here(context.node.active());
          return listed(top, top.children.values());
        },
      },
      scan: {
        about: 'The children and all below them.',
        run: (_, { context }) => {
          const top = here(context.node.active());
          return listed(top, below(top));
        },
      },
    },
  )
  .path(
    'namespaces/api-lock/lock(?:$|/:path+)',
    'Closes the API of a namespace and of all below it.',
    { path: field.string('Path of the namespace; itself when empty.', { always: true }) },
    {
      update: {
        about: 'Lock it.',
        forward: true,
        run: (sent, { context }) => lock(context.node.active(), sent.path),
      },
    },
  )
  .path(
    'namespaces/api-lock/unlock(?:$|/:path+)',
    'Opens the API of a namespace again.',
    {
      path: field.string('Path of the namespace; itself when empty.', { always: true }),
      unlock_key: field.string('What locking answered; not needed with sudo.', { required: true }),
    },
    {
      update: {
        about: 'Unlock it.',
        forward: true,
        run: (sent, { context, request }) => unlock(context.node.active(), sent.path, sent.unlock_key, request),
      },
    },
  )
  .path(
    'namespaces/:path{.+}',
    'A namespace.',
    {
      path,
      custom_metadata: customMetadata,
      seal: field.string('A seal of its own, in HCL or JSON: `seal "shamir" { shares = 5 threshold = 3 }`.'),
      pgp_keys: field.strings("Keys to encrypt the seal's shares with.", { always: true }),
    },
    {
      read: {
        about: 'What is known of it.',
        run: (sent, { context }) => {
          const { child } = childNamed(context.node, sent.path);
          return child && facts(child.entry);
        },
      },
      update: {
        about: 'Make it, or replace its metadata.',
        forward: true,
        run: async (sent, { context }) => {
          const { parent, name } = childNamed(context.node, sent.path);
          const metadata = metadataOf(sent.custom_metadata ?? {});
          const { namespaces, runtime } = context.node.active();
          const seal = sent.seal === undefined ? undefined : parseNamespaceSeal(sent.seal, sent.pgp_keys, runtime);
          checkNewName(name);
          const made = await namespaces.create(parent, name, { customMetadata: metadata, ...(seal && { seal }) });
          if (made.shares === undefined) return facts(made.entry);
          return { ...facts(made.entry), key_shares: made.shares.map(encodeHex), key_threshold: seal!.threshold };
        },
      },
      patch: {
        about: 'Change its metadata.',
        forward: true,
        run: async (sent, { context, request }) => {
          const { child } = childNamed(context.node, sent.path);
          const all = request.data['custom_metadata'] === null;
          const metadata = all ? {} : metadataOf(sent.custom_metadata ?? {}, child?.entry.customMetadata ?? {});
          if (child === undefined) throw refuse('namespace not found');
          return facts(await context.node.active().namespaces.change(child, { customMetadata: metadata }));
        },
      },
      delete: {
        about: 'Remove it with all that is in it.',
        forward: true,
        run: async (sent, { context }) => {
          const { child } = childNamed(context.node, sent.path);
          if (child === undefined) return reply({ warnings: ['requested namespace does not exist'] });
          if (child.realm === undefined) throw refuse('namespace is sealed', 503);
          if (child.children.size > 0) throw refuse('unable to delete namespace containing child namespaces');
          await context.node.active().namespaces.remove(child);
          return { status: 'in-progress' };
        },
      },
    },
  );
