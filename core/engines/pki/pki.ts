/** The `pki` engine: authorities, the certificates they sign, and what has become of those. */
import { makeUuid } from '../../codec/uuid.ts';
import { createBackend } from '../../framework/backend.ts';
import type { Running } from '../../framework/call.ts';
import { engine } from '../../framework/engine.ts';
import { type MigrationNote, noteMigration } from '../../framework/migration-note.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { SECOND } from '../../runtime.ts';
import { celPaths } from './cel-paths.ts';
import { resumeValidations } from './acme/challenges.ts';
import { acmeConfigPaths } from './acme/config.ts';
import { eabPaths } from './acme/eab.ts';
import { acmePaths } from './acme/paths.ts';
import { configPaths } from './config-paths.ts';
import { fetchPaths } from './fetch-paths.ts';
import { intermediatePaths } from './intermediate-paths.ts';
import { issuePaths } from './issue-paths.ts';
import { issuerPaths } from './issuer-paths.ts';
import { keyPaths } from './key-paths.ts';
import { ocspPaths } from './ocsp-paths.ts';
import { revokeLeased, revokePaths } from './revoke-paths.ts';
import { rolePaths } from './role-paths.ts';
import { rootPaths } from './root-paths.ts';
import { selfIssuedPaths } from './self-issued-paths.ts';
import { signListPaths } from './sign-list-paths.ts';
import { PkiState } from './state.ts';
import { PkiStore } from './store.ts';
import { tidy } from './tidy.ts';
import { storedAutoTidy } from './tidy-config.ts';
import { tidyPaths } from './tidy-paths.ts';
import { responses } from './responses.ts';

/** Lists that end or are outdated are made anew, and what has ended goes where that is wanted. */
async function everyMinute({ state, storage, context }: Running<PkiState, object, BackendContext>): Promise<void> {
  if (!context.system.active) return;
  const store = new PkiStore(storage, context.system);
  await state.crl.periodic(store);
  await resumeValidations(state, storage, context);
  const config = storedAutoTidy(await store.autoTidy());
  const due = state.tidy.lastFinished + config.interval * SECOND;
  if (!config.enabled || state.tidy.running || context.runtime.clock.wall() < due) return;
  state.tidy.begin(config);
  await tidy(store, state, context.runtime, config);
}

const MIGRATED: MigrationNote = {
  place: 'config/legacyMigrationBundleLog',
  version: 2,
  made: ['key_id'],
  older: ['config/ca_bundle'],
};

export const pki = engine<PkiState>({
  type: 'pki',
  responses,
  about: `Certificates of one's own authorities: roots and intermediates, roles that say which names may be had, and the
lists and answers that say which certificates are revoked.`,
  state: (context) => new PkiState(context),
  special: {
    unauthenticated: [
      'issuers/',
      'ca/pem',
      'crl/pem',
      'crl/delta',
      'crl/delta/pem',
      'issuer/+/der',
      'issuer/+/pem',
      'issuer/+/crl/der',
      'issuer/+/crl/pem',
      'issuer/+/crl/delta',
      'issuer/+/crl/delta/der',
      'issuer/+/crl/delta/pem',
      // Announced by each directory, and not there.
      'acme/key-change',
      'roles/+/acme/key-change',
      'issuer/+/acme/key-change',
      'issuer/+/roles/+/acme/key-change',
    ],
  },
  secrets: { pki: { revoke: revokeLeased } },
  initialize: async ({ state, storage, context }) => {
    if (await noteMigration(MIGRATED, storage, context)) {
      const { log, random } = context.runtime;
      const id = makeUuid((length) => random.bytes(length));
      log.write('info', '', `${id}: succeeded in migrating to issuer storage version ${MIGRATED.version}`);
    }
    // Clients whose challenge a leader took with it are waiting for the next one.
    await resumeValidations(state, storage, context);
    if (!context.system.active) return;
    state.validates = true;
    context.runtime.log.write('debug', '', 'Loading existing challenge validations on disk');
    context.runtime.log.write('debug', '', 'Starting ACME challenge validation engine');
  },
  stop({ state, context }) {
    if (state.validates) context.runtime.log.write('debug', '', 'shutting down ACME challenge validation engine');
    state.validates = false;
  },
  periodic: everyMinute,
  invalidate(key, { state, context }) {
    if (context.system.active && key.startsWith('config/issuer')) state.crlOutdated = true;
  },
})
  .include(rolePaths)
  .include(issuePaths)
  .include(celPaths)
  .include(rootPaths)
  .include(intermediatePaths)
  .include(selfIssuedPaths)
  .include(configPaths)
  .include(revokePaths)
  .include(fetchPaths)
  .include(issuerPaths)
  .include(signListPaths)
  .include(keyPaths)
  .include(ocspPaths)
  .include(tidyPaths)
  .include(acmeConfigPaths)
  .include(eabPaths)
  .include(acmePaths);

export const createPki = (context: BackendContext): Backend => createBackend(pki, context);
