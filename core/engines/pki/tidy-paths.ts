/** Tidying now, of its own accord, how it stands, and stopping it. */
import { print, type JsonValue } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { pkiPaths, sent, sentTime, storeOf, type PkiCall } from './call.ts';
import { tidy } from './tidy.ts';
import {
  anyOf,
  DEFAULT_AUTO_TIDY,
  keptAutoTidy,
  pauseOf,
  revokedBuffer,
  shownAutoTidy,
  storedAutoTidy,
  tidyConfig,
  tidyFields,
  type AutoTidyConfig,
  type TidyConfig,
  type TidyInput,
} from './tidy-config.ts';
import { PkiStore } from './store.ts';

const OPERATIONS =
  'tidy_cert_store / tidy_revoked_certs / tidy_invalid_certs / tidy_revoked_cert_issuer_associations / tidy_expired_issuers / tidy_move_legacy_ca_bundle / tidy_acme';
const STARTED =
  "Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs.";
const NOTHING = `Manual tidy requested but no tidy operations were set. Enable at least one tidy operation to be run (${OPERATIONS}).`;

function checkTidy(config: TidyConfig): void {
  if (config.safetyBuffer < 1) throw refuse('safety_buffer must be greater than zero');
  if (config.issuerSafetyBuffer < 1) throw refuse('issuer_safety_buffer must be greater than zero');
  if (revokedBuffer(config) < 1) throw refuse('revokedSafetyBuffer must be greater than zero');
  if (config.acmeAccountSafetyBuffer < 1) throw refuse('acme_account_safety_buffer must be greater than zero');
  const pause = pauseOf(config.pauseDuration);
  if (typeof pause === 'string') throw refuse(`Error parsing pause_duration: ${pause}`);
  if (pause < 0) throw refuse('received invalid, negative pause_duration');
  // Less than one is all at once.
  if (config.pageSize > 0 && config.pageSize < 5) throw refuse('page_size must be greater than five');
}

/** Upstream prints this one itself, without an id. */
function accepted(warning: string): Answer {
  const envelope = new Map<string, JsonValue>([
    ['request_id', ''],
    ['lease_id', ''],
    ['renewable', false],
    ['lease_duration', 0],
    ['data', null],
    ['wrap_info', null],
    ['warnings', [warning]],
    ['auth', null],
  ]);
  return reply({ raw: { status: 202, contentType: 'application/json', body: encodeUtf8(print(envelope)) } });
}

const TIMES: ReadonlySet<string> = new Set([
  'safety_buffer',
  'issuer_safety_buffer',
  'revoked_safety_buffer',
  'acme_account_safety_buffer',
  'interval_duration',
]);

const givenIn =
  (call: PkiCall) =>
  (name: string): boolean =>
    TIMES.has(name) ? sentTime(call, name) : sent(call, name);

function start(input: TidyInput, call: PkiCall): Answer {
  const config = tidyConfig(input, DEFAULT_AUTO_TIDY, givenIn(call));
  checkTidy(config);
  const { state, runtime } = call;
  if (state.tidy.running) return reply({ warnings: ['Tidy operation already in progress.'] });
  state.tidy.begin(config);
  void tidy(new PkiStore(call.running.storage, call.system), state, runtime, config);
  return accepted(anyOf(config) ? STARTED : NOTHING);
}

interface AutoInput extends TidyInput {
  readonly enabled?: boolean | undefined;
  readonly interval_duration: number;
  readonly maintain_stored_certificate_counts: boolean;
  readonly publish_stored_certificate_count_metrics: boolean;
}

function checkAuto(config: AutoTidyConfig): void {
  if (config.safetyBuffer < 1) {
    throw refuse(`given safety_buffer must be at least one second; got: ${config.safetyBuffer}`);
  }
  if (revokedBuffer(config) < 1) {
    throw refuse(`revoked_safety_buffer must be at least one second; got: ${revokedBuffer(config)}`);
  }
  const pause = pauseOf(config.pauseDuration);
  if (typeof pause === 'string') throw refuse(`unable to parse given pause_duration: ${pause}`);
  if (pause < 0) throw refuse('received invalid, negative pause_duration');
  // Upstream names the other buffer here.
  if (config.issuerSafetyBuffer < 1) {
    throw refuse(`given safety_buffer must be at least one second; got: ${config.issuerSafetyBuffer}`);
  }
  if (config.acmeAccountSafetyBuffer < 1) {
    throw refuse(
      `given acme_account_safety_buffer must be at least one second; got: ${config.acmeAccountSafetyBuffer}`,
    );
  }
  if (config.pageSize < 5) throw refuse('page_size must be at least 5');
  if (config.enabled && !anyOf(config)) {
    throw refuse(
      `Auto-tidy enabled but no tidy operations were requested. Enable at least one tidy operation to be run (${OPERATIONS}).`,
    );
  }
  if (config.publishCounts && !config.maintainCounts) {
    throw refuse(
      'Can not publish a running storage metrics count to metrics without first maintaining that count.  Enable `maintain_stored_certificate_counts` to enable `publish_stored_certificate_count_metrics`.',
    );
  }
}

async function configure(input: AutoInput, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const present = storedAutoTidy(await store.autoTidy());
  const given = givenIn(call);
  const config: AutoTidyConfig = {
    // The old name is not known here.
    ...tidyConfig(input, present, (name) => name !== 'tidy_revocation_list' && given(name)),
    enabled: input.enabled ?? present.enabled,
    interval: given('interval_duration') ? input.interval_duration : present.interval,
    maintainCounts: given('maintain_stored_certificate_counts')
      ? input.maintain_stored_certificate_counts
      : present.maintainCounts,
    publishCounts: given('publish_stored_certificate_count_metrics')
      ? input.publish_stored_certificate_count_metrics
      : present.publishCounts,
  };
  checkAuto(config);
  await store.putAutoTidy(keptAutoTidy(config));
  return shownAutoTidy(config);
}

const autoFields = {
  ...tidyFields,
  enabled: field.bool('Tidy of its own accord.'),
  interval_duration: field.seconds('How often.', { default: DEFAULT_AUTO_TIDY.interval }),
  maintain_stored_certificate_counts: field.bool('Count the certificates that are kept.', { default: false }),
  publish_stored_certificate_count_metrics: field.bool('Give the counts to telemetry.', { default: false }),
};

export const tidyPaths = pkiPaths()
  .path(
    'tidy',
    'Remove what has ended.',
    tidyFields,
    { update: { about: 'Tidy now.', forward: true, run: start } },
    { id: { prefix: 'pki', verb: 'tidy' } },
  )
  .path(
    'tidy-cancel',
    'Stop tidying.',
    {},
    {
      update: {
        about: 'Stop it.',
        forward: true,
        run: (_, { state }) => {
          if (!state.tidy.running) {
            return reply({ warnings: ['Tidy operation cannot be cancelled as none is currently running.'] });
          }
          state.tidy.state = 'Cancelling';
          return state.tidy.shown();
        },
      },
    },
    { id: { prefix: 'pki', verb: 'tidy', suffix: 'cancel' } },
  )
  .path(
    'tidy-status',
    'How tidying stands.',
    {},
    { read: { about: 'Read it.', forward: true, run: (_, { state }) => state.tidy.shown() } },
    { id: { prefix: 'pki', verb: 'tidy', suffix: 'status' } },
  )
  .path(
    'config/auto-tidy',
    'Tidying of its own accord.',
    autoFields,
    {
      read: {
        about: 'Read the settings.',
        id: { prefix: 'pki', suffix: 'auto-tidy-configuration' },
        run: async (_, call) => shownAutoTidy(storedAutoTidy(await storeOf(call).autoTidy())),
      },
      update: {
        about: 'Change the settings.',
        forward: true,
        id: { prefix: 'pki', verb: 'configure', suffix: 'auto-tidy' },
        run: configure,
      },
    },
    { id: { prefix: 'pki', suffix: 'auto-tidy' } },
  );
