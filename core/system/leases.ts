/** sys/leases: what has been lent, and its end. */
import { formatRfc3339 } from '../codec/rfc3339.ts';
import { noBytes } from '../codec/bytes.ts';
import { goAtoi } from '../codec/go-atoi.ts';
import type { JsonObject } from '../codec/json.ts';
import { failure, Fault, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { Active } from '../server/active.ts';
import type { Irrevocable } from '../server/services.ts';
import { secondsLeft } from '../server/tokens/show.ts';
import type { Response } from '../framework/logical.ts';
import { type SystemContext, systemPaths } from './context.ts';
import { telling } from './told.ts';

const leaseId = field.string('The lease.', { always: true });
const urlLeaseId = field.string('The lease.', { always: true });
const increment = field.duration('How much longer it is to live.', { always: true });
const sync = field.bool('Whether to wait for the revocation and report its errors.', { default: true });
const prefix = field.string('Everything under it.', { required: true });
const listed = field.string('"irrevocable": leases whose revocation was given up.', { default: '' });
const limit = field.string('How many to show; "none": all.', { default: '' });
const children = field.bool('Also those of child namespaces.', { default: false });

/** Without asking for more, no more are shown. */
const SHOWN = 10_000;
const TOO_MANY =
  'Command halted because many irrevocable leases were found. To emit the entire list, re-run the command with force set true.';

const named = (id: string, url: string): string => {
  const lease = id === '' ? url : id;
  if (lease === '') throw refuse('lease_id must be specified');
  return lease;
};

async function show({ services, namespace }: Active, id: string, now: number): Promise<JsonObject> {
  const times = await services.leases.lookup(id);
  if (times === undefined) throw refuse('invalid lease');
  return {
    expire_time: times.expireTime === 0 ? null : formatRfc3339(times.expireTime),
    id,
    issue_time: formatRfc3339(times.issueTime),
    last_renewal: times.lastRenewal === 0 ? null : formatRfc3339(times.lastRenewal),
    ...(namespace.path !== '' && { namespace_path: namespace.path }),
    path: times.path,
    renewable: times.renewable,
    ttl: times.expireTime === 0 ? 0 : secondsLeft(times.expireTime, now),
    ...(times.revokeError !== '' && { revoke_error: times.revokeError }),
  };
}

/** What ends or prolongs leases says why it could not, but not what kind of error that was. */
async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Fault && error.shape === 'error' ? refuse(error.message) : error;
  }
}

/** Without a body. */
const accepted = () => reply({ raw: { status: 202, contentType: 'application/json', body: noBytes } });

async function revoke(context: SystemContext, id: string, wait: boolean) {
  const { leases } = context.node.active().services;
  if (wait) {
    await telling(context, 'lease revocation failed', { lease_id: id }, () => refusing(leases.revoke(id)));
    return undefined;
  }
  await leases.revokeLazily(id);
  return accepted();
}

async function revokePrefix(context: SystemContext, given: string, wait: boolean) {
  const { leases } = context.node.active().services;
  if (wait) {
    await telling(context, 'revoke prefix failed', { prefix: given }, () => refusing(leases.revokePrefix(given)));
    return undefined;
  }
  await leases.revokePrefixLazily(given);
  return accepted();
}

function shownCount(text: string): number {
  if (text === '') return SHOWN;
  if (text.toLowerCase() === 'none') return Number.MAX_SAFE_INTEGER;
  const most = goAtoi(text);
  if (typeof most === 'string') throw failure(`invalid 'limit' provided: ${most}`);
  if (most < 1) throw failure("limit must be 'none' or a positive integer");
  return most;
}

/** Mounts are looked for where the request was made, also for leases of the namespaces below, as upstream does. */
function givenUp({ node }: SystemContext, alsoBelow: boolean): (Irrevocable & { readonly mount: string })[] {
  const { namespaces, namespace, mounts } = node.active();
  return [...namespaces.from(namespace, alsoBelow)].flatMap(({ services }) =>
    services.leases.irrevocable().map((lease) => ({
      ...lease,
      mount: mounts.match(lease.path)?.entry.accessor ?? 'mount-accessor-not-found',
    })),
  );
}

function irrevocable(context: SystemContext, alsoBelow: boolean, most: number) {
  const found = givenUp(context, alsoBelow);
  const leases = found.slice(0, most).map(
    ({ leaseId, mount, error }) =>
      new Map([
        ['lease_id', leaseId],
        ['mount_id', mount],
        ['error', error],
      ]),
  );
  // What is counted is what is shown.
  const data = { lease_count: leases.length, leases };
  if (found.length <= most) return reply({ data });
  context.runtime.log.write('warn', 'expiration', 'hit max irrevocable leases without force flag set');
  return reply({ data, warnings: [TOO_MANY] });
}

function counts(context: SystemContext, alsoBelow: boolean): JsonObject {
  const found = givenUp(context, alsoBelow);
  const byMount: JsonObject = {};
  for (const { mount } of found) byMount[mount] = Number(byMount[mount] ?? 0) + 1;
  return { counts: byMount, lease_count: found.length };
}

const tidyStarted =
  "Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs.";

export const leasePaths = systemPaths()
  .path(
    'leases/lookup/:prefix{.+?}?',
    'Leases under a prefix.',
    { prefix },
    {
      list: {
        about: 'List leases.',
        run: (sent, { context }) => {
          const folder = sent.prefix === '' || sent.prefix.endsWith('/') ? sent.prefix : `${sent.prefix}/`;
          return context.node.active().services.leases.list(folder);
        },
      },
    },
  )
  .path(
    'leases/lookup',
    'A lease.',
    { lease_id: leaseId },
    {
      update: {
        about: 'Look a lease up.',
        run: (sent, call) => show(call.context.node.active(), named(sent.lease_id, ''), call.now()),
      },
    },
  )
  .path(
    'leases/renew(/:url_lease_id+)?',
    'Renews a lease.',
    { url_lease_id: urlLeaseId, lease_id: leaseId, increment },
    {
      update: {
        about: 'Renew a lease.',
        forward: true,
        run: async (sent, { context }) => {
          const id = named(sent.lease_id, sent.url_lease_id);
          const renewed = (): Promise<Response> =>
            refusing(context.node.active().services.leases.renew(id, sent.increment));
          return reply(await telling(context, 'lease renewal failed', { lease_id: id }, renewed));
        },
      },
    },
  )
  .path(
    'leases/revoke(/:url_lease_id+)?',
    'Revokes a lease.',
    { url_lease_id: urlLeaseId, lease_id: leaseId, sync },
    {
      update: {
        about: 'Revoke a lease.',
        forward: true,
        run: (sent, { context }) => revoke(context, named(sent.lease_id, sent.url_lease_id), sent.sync),
      },
    },
  )
  .path(
    'leases/revoke-force/:prefix+',
    'Forgets all leases under a prefix, whatever their backends say.',
    { prefix },
    {
      update: {
        about: 'Revoke by force.',
        forward: true,
        run: (sent, { context }) => context.node.active().services.leases.revokeForce(sent.prefix),
      },
    },
  )
  .path(
    'leases/revoke-prefix/:prefix+',
    'Revokes all leases under a prefix.',
    { prefix, sync },
    {
      update: {
        about: 'Revoke by prefix.',
        forward: true,
        run: (sent, { context }) => revokePrefix(context, sent.prefix, sent.sync),
      },
    },
  )
  .path(
    'leases/tidy',
    'Removes what is left of leases that are gone.',
    {},
    {
      update: {
        about: 'Start the clean-up.',
        forward: true,
        run: (_, { context }) => {
          context.node.logLevels.named.add('expiration.tidy');
          const running = context.node.active().services.leases.tidy();
          running?.catch((error: unknown) => {
            context.runtime.log.write('error', 'expiration', 'error running tidy', { error: String(error) });
          });
          return reply({ status: 202, warnings: [tidyStarted] });
        },
      },
    },
  )
  .path(
    'leases/count',
    'How many leases there are.',
    { type: listed, include_child_namespaces: children },
    {
      read: {
        about: 'Count leases.',
        run: (sent, { context }) =>
          sent.type === 'irrevocable' ? counts(context, sent.include_child_namespaces) : undefined,
      },
    },
  )
  .path(
    'leases',
    'Leases of a kind.',
    { type: listed, limit, include_child_namespaces: children },
    {
      read: {
        about: 'List leases.',
        run: (sent, { context }) =>
          sent.type === 'irrevocable'
            ? irrevocable(context, sent.include_child_namespaces, shownCount(sent.limit))
            : undefined,
      },
    },
  );
