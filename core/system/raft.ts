/** sys/storage/raft: the cluster beneath the storage. Where there is no raft, there are no such paths. */
import { noBytes } from '../codec/bytes.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { refuse, unsupportedPath } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';
import type { RaftControl } from './raft-control.ts';

function raftOf(node: SystemNode): RaftControl {
  if (node.raft === undefined) throw unsupportedPath();
  return node.raft;
}

const serverFields = { server_id: field.string('Id of the node.', { always: true }) };

const BY_MOUNT = { id: { byMount: true } } as const;

function named(input: { readonly server_id: string }): string {
  if (input.server_id === '') throw refuse('no server id provided');
  return input.server_id;
}

const change = (
  path: 'remove-peer' | 'promote' | 'demote',
  about: string,
  method: 'removePeer' | 'promote' | 'demote',
) =>
  systemPaths().path(
    `storage/raft/${path}`,
    about,
    serverFields,
    {
      update: { about, forward: true, run: (input, { context }) => raftOf(context.node)[method](named(input)) },
    },
    BY_MOUNT,
  );

export const raftPaths = systemPaths()
  .path(
    'storage/raft/bootstrap/answer',
    'How a joining node proves that it can unseal.',
    {
      server_id: field.string('Id of the node.', { always: true }),
      answer: field.string('The decrypted challenge.', { always: true }),
      cluster_addr: field.string('Cluster address of the node.', { always: true }),
      non_voter: field.bool('Whether it joins without a vote.', { always: true }),
    },
    {
      update: {
        about: 'Answer the challenge.',
        forward: true,
        run: (input, { context }) => raftOf(context.node).bootstrapAnswer({ ...input }),
      },
    },
    BY_MOUNT,
  )
  .path(
    'storage/raft/bootstrap/challenge',
    'The proof asked of a joining node.',
    serverFields,
    {
      update: {
        about: 'A challenge.',
        forward: true,
        run: (input, { context }) => raftOf(context.node).bootstrapChallenge(named(input)),
      },
    },
    BY_MOUNT,
  )
  .include(change('remove-peer', 'Remove a node from the cluster.', 'removePeer'))
  .include(change('promote', 'Give a node a vote.', 'promote'))
  .include(change('demote', "Take a node's vote.", 'demote'))
  .path(
    'storage/raft/configuration',
    'The nodes of the raft cluster.',
    {},
    {
      read: {
        about: 'Servers and their suffrage.',
        run: async (_, { context }) => {
          const { index, servers } = await raftOf(context.node).configuration();
          const rows = servers.map(
            (server) =>
              new Map<string, JsonValue>([
                ['node_id', server.id],
                ['address', server.address],
                ['leader', server.leader],
                ['protocol_version', server.protocolVersion],
                ['voter', server.voter],
              ]),
          );
          const config = new Map<string, JsonValue>([
            ['servers', rows],
            ['index', index],
          ]);
          return { config };
        },
      },
    },
    BY_MOUNT,
  )
  .path(
    'storage/raft/snapshot',
    'The whole storage as an archive.',
    {},
    {
      read: {
        about: 'Take a snapshot.',
        run: async (_, { context }) => {
          const body = await raftOf(context.node).snapshot();
          const raw = { status: 200, contentType: 'application/gzip', body };
          return reply({ raw, headers: { 'Content-Disposition': ['attachment'] } });
        },
      },
      update: {
        about: 'Restore a snapshot of this cluster.',
        run: async (_, { context, request }) => {
          await raftOf(context.node).restore(request.rawBody ?? noBytes, false);
        },
      },
    },
    { anyInput: true, ...BY_MOUNT },
  )
  .path(
    'storage/raft/snapshot-force',
    'The same for the snapshot of another cluster.',
    {},
    {
      update: {
        about: 'Restore whatever it is.',
        run: async (_, { context, request }) => {
          await raftOf(context.node).restore(request.rawBody ?? noBytes, true);
        },
      },
    },
    { anyInput: true, ...BY_MOUNT },
  )
  .path(
    'storage/raft/autopilot/state',
    'Whether the cluster is healthy.',
    {},
    {
      read: {
        about: 'The state as autopilot sees it.',
        forward: true,
        run: (_, { context }) => raftOf(context.node).autopilotState(),
      },
    },
    BY_MOUNT,
  )
  .path(
    'storage/raft/autopilot/configuration',
    'How autopilot judges and acts.',
    {
      cleanup_dead_servers: field.bool('Whether dead servers are removed.'),
      last_contact_threshold: field.seconds('Silence after which a server is unhealthy.'),
      dead_server_last_contact_threshold: field.seconds('Silence after which a server is dead.'),
      max_trailing_logs: field.int('Entries that a healthy server may lack.'),
      min_quorum: field.int('Servers that must stay.'),
      server_stabilization_time: field.seconds('How long a server must be healthy before it gets a vote.'),
      disable_upgrade_migration: field.bool('Not used.'),
    },
    {
      read: {
        about: 'The configuration.',
        forward: true,
        run: (_, { context }) => raftOf(context.node).autopilotConfiguration(),
      },
      update: {
        about: 'Change it.',
        forward: true,
        run: (input, { context }) => {
          const changes: JsonObject = {};
          for (const [name, value] of Object.entries(input)) if (value !== undefined) changes[name] = value;
          delete changes['disable_upgrade_migration'];
          return raftOf(context.node).setAutopilotConfiguration(changes);
        },
      },
    },
    BY_MOUNT,
  );
