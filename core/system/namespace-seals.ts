/** sys/namespaces/<name>/{seal-status,seal,unseal,delete-sealed}: namespaces with a seal of their own. */
import type { JsonObject } from '../codec/json.ts';
import { Fault, failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { NamespaceNode } from '../server/namespaces/node.ts';
import type { SealManager } from '../server/seal/manager.ts';
import { decodeNamespaceShare } from '../server/seal/share.ts';
import { systemPaths } from './context.ts';
import { childNamed, type Named } from './namespaces.ts';

const path = field.string('Name of the namespace.', { required: true });

function existing({ child, name }: Named): NamespaceNode {
  if (child === undefined) throw failure(`namespace "${name}/" doesn't exist`);
  return child;
}

function sealsOf({ seals }: NamespaceNode): SealManager {
  if (seals === undefined) throw refuse('namespace is not sealable');
  return seals;
}

async function statusOf(seals: SealManager): Promise<JsonObject> {
  const status = await seals.status();
  return {
    type: status.type,
    initialized: status.initialised,
    sealed: status.sealed,
    t: status.threshold,
    n: status.shares,
    progress: status.progress,
    nonce: status.nonce,
  };
}

export const namespaceSealPaths = systemPaths()
  .path(
    'namespaces/:path{.+}/seal-status',
    'The seal of a namespace.',
    { path },
    {
      read: {
        about: 'Whether it is sealed, and how it is opened.',
        forward: true,
        run: (sent, { context }) => statusOf(sealsOf(existing(childNamed(context.node, sent.path)))),
      },
    },
  )
  .path(
    'namespaces/:path{.+}/seal',
    'Seals a namespace.',
    { path },
    {
      update: {
        about: 'Close it, with all below it.',
        forward: true,
        run: async (sent, { context }) => {
          const { child } = childNamed(context.node, sent.path);
          if (child === undefined) throw refuse("namespace doesn't exist");
          await context.node.active().namespaces.seal(child);
        },
      },
    },
  )
  .path(
    'namespaces/:path{.+}/unseal',
    'Opens a namespace.',
    {
      path,
      key: field.string('One share, in hex or base64.', { always: true }),
      reset: field.bool('Forgets the shares given so far.', { always: true }),
    },
    {
      update: {
        about: 'Give one share.',
        forward: true,
        run: async (sent, { context }) => {
          const node = existing(childNamed(context.node, sent.path));
          if (!sent.reset && sent.key === '') throw failure('provided key is empty');
          const share = sent.reset ? undefined : decodeNamespaceShare(sent.key);
          const seals = sealsOf(node);
          try {
            if (share === undefined) {
              if (seals.barrier.sealed) seals.resetShares();
            } else await context.node.active().namespaces.unseal(node, seals, share);
          } catch (error) {
            throw error instanceof Fault && error.status === 400 ? refuse(error.message) : error;
          }
          return statusOf(seals);
        },
      },
    },
  )
  .path(
    'namespaces/:path{.+}/delete-sealed',
    'Removes a sealed namespace.',
    { path, force: field.bool('Also when there are namespaces in it.', { default: false }) },
    {
      delete: {
        about: 'Remove it with what it stored; its leases are not ended.',
        forward: true,
        run: async (sent, { context }) => {
          const { child } = childNamed(context.node, sent.path);
          if (child === undefined) return reply({ warnings: ['requested namespace does not exist'] });
          if (child.realm !== undefined) throw refuse('namespace is not sealed');
          const { namespaces } = context.node.active();
          if (!sent.force && (await namespaces.hasChildren(child))) throw refuse(LEFTOVERS);
          await namespaces.remove(child);
          return { status: 'in-progress' };
        },
      },
    },
  );

const LEFTOVERS =
  'sealed namespace has leftover child namespaces; pass force=true to delete the entire tree, or unseal the namespace and delete children individually';
