/** What a node tells of itself: versions, requests under way, configuration, its place in the cluster. */
import type { JsonObject } from '../codec/json.ts';
import { parseRfc3339, formatRfc3339 } from '../codec/rfc3339.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { print } from '../codec/json.ts';
import { unsupportedPath } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { SECOND } from '../runtime.ts';
import { systemPaths } from './context.ts';

/** The stored time to the second. */
function wholeSeconds(text: string): string {
  const micros = parseRfc3339(text) ?? 0;
  return formatRfc3339(micros - (micros % SECOND));
}

export const hostPaths = systemPaths()
  .path(
    'version-history',
    'The versions that ran on this storage.',
    {},
    {
      list: {
        about: 'In the order of their installation.',
        run: (_, { context }) => {
          const infos: JsonObject = {};
          const keys: string[] = [];
          let previous: string | null = null;
          for (const { version, installed, buildDate } of context.node.active().versions.rows) {
            infos[version] = {
              commit_date: buildDate === '' ? null : buildDate,
              previous_version: previous,
              timestamp_installed: wholeSeconds(installed),
            };
            keys.push(version);
            previous = version;
          }
          return reply({ data: { keys, key_info: infos } });
        },
      },
    },
  )
  .path(
    'in-flight-req',
    'The requests under way.',
    {},
    {
      read: {
        about: 'By request id.',
        run: (_, { context }) => {
          const body = encodeUtf8(`${print(context.node.inFlight())}\n`);
          return reply({ raw: { status: 200, contentType: 'application/json', body } });
        },
      },
    },
  )
  .path(
    'ha-status',
    'The nodes of the cluster.',
    {},
    {
      read: {
        about: 'All nodes that are alive.',
        forward: true,
        run: async (_, { context }) => ({ nodes: await context.node.haStatus() }),
      },
    },
  )
  .path(
    'config/reload/:subsystem+',
    'Reads a part of the configuration again.',
    { subsystem: field.string('The part.', { required: true }) },
    {
      update: {
        about: 'Reload; upstream has nothing left that can be reloaded so.',
        run: () => {
          throw unsupportedPath();
        },
      },
    },
  )
  .path(
    'config/state/sanitized',
    "This node's configuration without secrets.",
    {},
    {
      read: { about: 'The configuration.', run: (_, { context }) => context.node.settings.sanitized },
    },
  )
  .path(
    'host-info/?',
    'The machine that this node runs on.',
    {},
    {
      read: {
        about: 'Processor, memory, disks.',
        run: (_, call) => hostInfo(call.context.node.settings.hostname, call.now()),
      },
    },
  );

const hostInfo = (hostname: string, now: number): JsonObject => ({
  timestamp: formatRfc3339(now),
  cpu: [],
  cpu_times: [],
  disk: [],
  host: { hostname },
  memory: {},
});
