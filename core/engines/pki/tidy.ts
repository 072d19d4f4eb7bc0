/** Tidying: what has ended long enough goes. One at a time, in the background, and it can be stopped in between. */
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { mayHaveSigned } from '../../crypto/x509/chain.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';
import type { Runtime } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { tidyAcme } from './acme/tidy.ts';
import { certificateOf } from './authority.ts';
import { dropCertificate, storedSerials, shownSerial, certificateBytes } from './certificates.ts';
import { rebuildChains } from './chains.ts';
import type { PkiState } from './state.ts';
import type { PkiStore } from './store.ts';
import { pauseOf, revokedBuffer, type TidyConfig } from './tidy-config.ts';

interface Tidying {
  readonly store: PkiStore;
  readonly state: PkiState;
  readonly runtime: Runtime;
  readonly config: TidyConfig;
  /** Micros. */
  readonly pause: number;
}

/** Whether to go on, after the pause that was asked for. */
async function goesOn({ state, runtime, pause }: Tidying): Promise<boolean> {
  if (pause > 0) await runtime.clock.sleep(pause);
  return state.tidy.state === 'Running';
}

const hasEnded = ({ runtime }: Tidying, notAfter: number, buffer: number): boolean =>
  runtime.clock.wall() > (notAfter + buffer) * SECOND;

const PREFIX = 'vault.secrets.pki.tidy';

/** Tells how far a run has come. */
function entries({ runtime: { metrics } }: Tidying, what: string, total: number): (index: number) => void {
  const name = `${PREFIX}.${what}`;
  metrics?.gauge(`${name}_total_entries`, total);
  return (index) => {
    metrics?.gauge(`${name}_current_entry`, index);
    metrics?.gauge(`${name}_total_entries_remaining`, total - index);
  };
}

async function tidyStore(tidying: Tidying): Promise<void> {
  const { store, config, state } = tidying;
  const names = await storedSerials(store.storage);
  const tell = entries(tidying, 'cert_store', names.length);
  for (const [index, name] of names.entries()) {
    // Upstream says how long a page may be, not how long it is.
    const { pageSize } = config;
    state.tidy.message = `Tidying certificate store: checking entry ${index % pageSize} of ${pageSize} on current page; total certs checked: ${index}`;
    if (!(await goesOn(tidying))) return;
    tell(index);
    const bytes = await certificateBytes(store.storage, shownSerial(name));
    const certificate = bytes === undefined ? undefined : unlessMalformed(() => parseCertificate(bytes));
    const gone = certificate === undefined ? config.invalidCerts : config.certStore && ended(certificate.notAfter);
    if (!gone) continue;
    await dropCertificate(store.storage, name);
    state.tidy.counts.certificates++;
  }
  tell(names.length);
  tidying.runtime.metrics?.count(`${PREFIX}.cert_store_deleted_count`, state.tidy.counts.certificates);
  function ended(notAfter: number): boolean {
    return hasEnded(tidying, notAfter, config.safetyBuffer);
  }
}

async function tidyRevoked(tidying: Tidying): Promise<void> {
  const { store, config, state, runtime } = tidying;
  const issuers = await store.allIssuers();
  const names = await store.revoked.list();
  let rebuild = false;
  let fixed = 0;
  const tell = entries(tidying, 'revoked_cert', names.length);
  for (const [index, name] of names.entries()) {
    // Upstream does not know here how many there are.
    const entry = index % config.pageSize;
    state.tidy.message = `Tidying revoked certificates: checking certificate ${entry} of 0 on current page; total revoked certs checked: ${index}`;
    if (!(await goesOn(tidying))) break;
    tell(index);
    const revocation = (await store.revoked.get(name))!;
    const certificate = parseCertificate(revocation.certificate);
    if (config.associations && !issuers.some(({ id }) => id === revocation.issuerId)) {
      const issuer = issuers.find((one) => mayHaveSigned(runtime.crypto, certificateOf(one), certificate));
      if (issuer === undefined) state.tidy.counts.missingIssuers++;
      else {
        await store.revoked.put(name, { ...revocation, issuerId: issuer.id });
        fixed++;
      }
    }
    if (!config.revokedCerts || !hasEnded(tidying, certificate.notAfter, revokedBuffer(config))) continue;
    await store.revoked.delete(name);
    await dropCertificate(store.storage, name);
    state.tidy.counts.revoked++;
    rebuild = true;
  }
  tell(names.length);
  runtime.metrics?.count(`${PREFIX}.revoked_cert_deleted_count`, state.tidy.counts.revoked);
  runtime.metrics?.gauge(`${PREFIX}.revoked_cert_entries_incorrect_issuers`, state.tidy.counts.missingIssuers);
  runtime.metrics?.gauge(`${PREFIX}.revoked_cert_entries_fixed_issuers`, fixed);
  if (rebuild && !(await store.crlConfig()).autoRebuild) await state.crl.rebuild(store, false);
}

async function tidyIssuers(tidying: Tidying): Promise<void> {
  const { store, config, state, runtime } = tidying;
  const standard = (await store.issuersConfig()).default;
  await state.issuersLock.run(async () => {
    let gone = false;
    for (const issuer of await store.allIssuers()) {
      const { notAfter } = certificateOf(issuer);
      if (issuer.id === standard || !hasEnded(tidying, notAfter, config.issuerSafetyBuffer)) continue;
      await store.issuers.delete(issuer.id);
      gone = true;
    }
    if (!gone) return;
    await rebuildChains(store, runtime.crypto);
    await state.crl.rebuild(store, false);
  });
}

const tidyAccounts = (tidying: Tidying): Promise<void> =>
  tidying.state.acmeLock.run(() =>
    tidyAcme({
      storage: tidying.store.storage,
      config: tidying.config,
      counts: tidying.state.tidy.counts,
      now: () => tidying.runtime.clock.wall(),
      tell: (message) => {
        tidying.state.tidy.message = message;
      },
      goesOn: () => goesOn(tidying),
    }),
  );

/** Resolves at the end; what goes wrong is told in the status. */
export async function tidy(store: PkiStore, state: PkiState, runtime: Runtime, config: TidyConfig): Promise<void> {
  const pause = pauseOf(config.pauseDuration);
  const { metrics } = runtime;
  const start = metrics?.now() ?? 0;
  metrics?.gauge(`${PREFIX}.start_time_epoch`, Math.floor(runtime.clock.wall() / SECOND));
  const tidying: Tidying = { store, state, runtime, config, pause: typeof pause === 'number' ? pause : 0 };
  try {
    if (config.certStore || config.invalidCerts) await tidyStore(tidying);
    if (config.revokedCerts || config.associations) await tidyRevoked(tidying);
    if (config.expiredIssuers && state.tidy.state === 'Running') await tidyIssuers(tidying);
    if (config.legacyBundle && state.tidy.state === 'Running')
      runtime.log.write('debug', '', 'No legacy CA bundle available; nothing to do.');
    if (config.acme && state.tidy.state === 'Running') await tidyAccounts(tidying);
    state.tidy.end(null);
    metrics?.count(`${PREFIX}.success`);
  } catch (error) {
    const shown = error instanceof Error ? error.message : String(error);
    runtime.log.write('error', '', 'error running tidy', { error: shown });
    state.tidy.end(shown);
    metrics?.count(`${PREFIX}.failure`);
  }
  metrics?.since(`${PREFIX}.duration`, start);
}
