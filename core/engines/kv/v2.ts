/** KV version 2: versioned secrets. */
import { engine } from '../../framework/engine.ts';
import { pathList } from '../../framework/help.ts';
import type { Operation } from '../../framework/logical.ts';
import { reply } from '../../framework/reply.ts';
import { configPaths } from './config-paths.ts';
import { dataPaths, subkeyPaths } from './data-paths.ts';
import { detailedPaths, metadataPaths } from './metadata-paths.ts';
import { startUpgrade } from './upgrade.ts';
import { deletePaths, destroyPaths } from './version-paths.ts';
import { VersionedStore } from './versioned-store.ts';
import type { KvCall } from './options.ts';

const ABOUT = `Keeps secrets in versions. A secret is an object with any keys, found under a path; writing it
makes a new version, and older ones can be read, deleted, brought back or destroyed by their
number. How many versions are kept is set for the mount or for a key.`;

const VERBS: Partial<Record<Operation, string>> = {
  create: 'put',
  update: 'put',
  patch: 'patch',
  read: 'get',
  list: 'list',
  scan: 'scan',
  delete: 'delete',
};
const ROOTS = new Set(['metadata', 'data', 'delete', 'undelete', 'destroy']);

/** What help shows to whoever asks about none of them. */
const PATHS = [
  ['^config$', 'How many versions are kept, and how they are written.'],
  ['^data/.*$', 'A version of a secret.'],
  ['^delete/.*$', 'Deletes versions, which can be brought back.'],
  ['^destroy/.*$', 'Removes versions for good.'],
  ['^metadata/.*$', 'What is known of a secret and its versions.'],
  ['^undelete/.*$', 'Brings versions back.'],
  ['^subkeys/.*$', 'The keys of a secret without their values.'],
] as const;

/** Paths that this engine does not have; most come from tools that take it for version 1. */
const invalid = {
  unpublished: true,
  run: (_: unknown, { request }: KvCall) =>
    reply({
      status: 404,
      warnings: [
        ROOTS.has(request.path)
          ? 'Non-listing operations on the root of a K/V v2 mount are not supported.'
          : `Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the OpenBao CLI, use 'bao kv ${VERBS[request.operation] ?? ''}' for this operation.`,
      ],
    }),
};

export const versionedKv = engine({
  type: 'kv',
  idPrefix: 'kv',
  idPrefixInHelp: false,
  about: ABOUT,
  state: (context) => new VersionedStore(context),
  initialize: startUpgrade,
  invalidate: (key, { state }) => state.invalidate(key),
  stop: ({ state }) => {
    state.stopped = true;
  },
})
  .include(configPaths)
  .include(dataPaths)
  .include(metadataPaths)
  .include(detailedPaths)
  .include(destroyPaths)
  .include(subkeyPaths)
  .include(deletePaths)
  .path(
    '.*',
    '',
    {},
    { read: invalid, write: invalid, patch: invalid, delete: invalid, list: invalid, scan: invalid },
    { help: `${ABOUT}\n\n\n${pathList(PATHS)}` },
  );
