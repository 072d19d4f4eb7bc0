/** What `sys/storage/raft/*` asks of a running raft storage. */
import { encodeBase64 } from '../../codec/base64.ts';
import { asBoolean, asNumber, asString } from '../../codec/json-fields.ts';
import { type JsonObject, type JsonValue, isObject, jsonObject, parseObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import { type Micros, type Runtime, SECOND } from '../../runtime.ts';
import { ForeignSnapshot, type SnapshotSealer, readArchive, writeArchive } from '../../storage/raft/archive.ts';
import type { Autopilot } from '../../storage/raft/autopilot.ts';
import { showAutopilotState } from '../../storage/raft/autopilot-show.ts';
import {
  AUTOPILOT_CONFIG_PATH,
  type AutopilotConfig,
  MOST_UINT64,
  autopilotConfigFault,
  printAutopilotConfig,
  showAutopilotConfig,
} from '../../storage/raft/autopilot-config.ts';
import type { RaftBackend } from '../../storage/raft/backend.ts';
import { JoinChallenges } from '../../storage/raft/join.ts';
import { RAFT_TLS_PATH } from '../../storage/raft/tls.ts';
import type { Storage } from '../../storage/storage.ts';
import type { RaftControl, RaftFigures, RaftServerInfo } from '../../system/raft-control.ts';

/** Upstream gives its followers that long. */
const AFTER_RESTORE: Micros = 5 * SECOND;

export interface RaftControlOptions {
  readonly runtime: Runtime;
  readonly backend: RaftBackend;
  readonly autopilot: Autopilot;
  /** Of an unsealed node. */
  readonly barrier: () => Storage;
  /** Does it with the node taken down, and sets the node up again; never rejects. */
  readonly replaceStorage: (replace: () => Promise<void>) => Promise<void>;
  /** Encrypts under the cluster's seal: a BlobInfo, encoded. */
  readonly sealer: () => SnapshotSealer;
}

export class RaftOperations implements RaftControl {
  readonly #options: RaftControlOptions;
  readonly #challenges: JoinChallenges;

  constructor(options: RaftControlOptions) {
    this.#options = options;
    this.#challenges = new JoinChallenges(options.runtime.crypto, options.runtime.random.bytes(32));
  }

  configuration(): Promise<{ index: number; servers: readonly RaftServerInfo[] }> {
    const { backend } = this.#options;
    const leader = backend.raft.leader()?.id ?? (backend.raft.isLeader() ? backend.nodeId : '');
    const { configuration } = backend.raft.configuration();
    const servers = configuration.servers.map(({ id, address, suffrage }) => ({
      id,
      address,
      leader: id === leader,
      voter: suffrage === 'voter',
      protocolVersion: '3',
    }));
    return Promise.resolve({ index: 0, servers });
  }

  removePeer(id: string): Promise<void> {
    return this.#options.autopilot.removeServer(id);
  }

  promote(id: string): Promise<void> {
    return this.#options.autopilot.promote(id);
  }

  demote(id: string): Promise<void> {
    return this.#options.autopilot.demote(id);
  }

  async bootstrapChallenge(serverId: string): Promise<JsonObject> {
    const answer = this.#challenges.answerFor(serverId);
    const challenge = await this.#options.sealer().seal(answer);
    const config = await this.#options.backend.get('core/seal-config');
    return jsonObject({
      challenge: encodeBase64(challenge),
      seal_config: config === undefined ? null : sealConfigInOrder(parseObject(config)),
    });
  }

  async bootstrapAnswer(fields: JsonObject): Promise<JsonObject> {
    const { autopilot, backend, barrier, runtime } = this.#options;
    const serverId = asString(fields['server_id']) ?? '';
    const address = asString(fields['cluster_addr']) ?? '';
    if (serverId === '') throw refuse('no server_id provided');
    if ((asString(fields['answer']) ?? '') === '') throw refuse('no answer provided');
    if (address === '') throw refuse('no cluster_addr provided');
    this.#challenges.check(serverId, asString(fields['answer']) ?? '');
    const keyring = await barrier().get(RAFT_TLS_PATH);
    if (keyring === undefined) throw refuse('could not find raft TLS configuration');
    runtime.log.write('debug', 'storage.raft', 'adding server to raft via autopilot', { id: serverId });
    await autopilot.addServer(serverId, address, asBoolean(fields['non_voter']) ?? false);
    const answered = 'follower node answered the raft bootstrap challenge';
    runtime.log.write('info', 'system', answered, { follower_server_id: serverId });
    const peers = backend.raft
      .configuration()
      .configuration.servers.map(({ id, address, suffrage }) =>
        jsonObject({ id, address, suffrage: suffrage === 'voter' ? 0 : 1 }),
      );
    return jsonObject({ peers, tls_keyring: parseObject(keyring) });
  }

  figures(): RaftFigures | undefined {
    return this.#options.backend.figures();
  }

  async autopilotState(): Promise<JsonObject | undefined> {
    const state = this.#options.autopilot.state();
    const shown = state === undefined ? undefined : showAutopilotState(state);
    return isObject(shown) ? shown : undefined;
  }

  async autopilotConfiguration(): Promise<JsonObject | undefined> {
    const { autopilot } = this.#options;
    return autopilot.disabled ? undefined : showAutopilotConfig(autopilot.config);
  }

  async setAutopilotConfiguration(changes: JsonObject): Promise<void> {
    const { autopilot, barrier } = this.#options;
    if (autopilot.disabled) throw failure('raft storage autopilot is not initialized');
    const next = merged(autopilot.config, changes);
    const fault = autopilotConfigFault(next);
    if (fault !== undefined) throw refuse(fault);
    await barrier().put(AUTOPILOT_CONFIG_PATH, encodeUtf8(printAutopilotConfig(next)));
    autopilot.setConfig(next);
  }

  async snapshot(): Promise<Uint8Array> {
    const { runtime, backend } = this.#options;
    const { meta, state } = await backend.raft.snapshot();
    try {
      const seconds = Math.floor(runtime.clock.wall() / 1_000_000);
      return await writeArchive(runtime.crypto, meta, state.read(), this.#options.sealer(), seconds);
    } finally {
      state.release();
    }
  }

  async #open(archive: Uint8Array, sealer: SnapshotSealer | undefined) {
    try {
      return await readArchive(this.#options.runtime.crypto, archive, sealer);
    } catch (error) {
      if (!(error instanceof ForeignSnapshot)) {
        this.#options.runtime.log.write('error', 'core', 'raft snapshot restore: failed to write snapshot', { error });
        throw error;
      }
      throw refuse(
        'could not verify hash file, possibly the snapshot is using a different set of unseal keys; use the snapshot-force API to bypass this check',
      );
    }
  }

  async restore(archive: Uint8Array, force: boolean): Promise<void> {
    const { runtime, backend } = this.#options;
    const { meta, state } = await this.#open(archive, force ? undefined : this.#options.sealer());
    // The client has its answer by then.
    void this.#options.replaceStorage(async () => {
      await backend.raft.restore(meta, once(state));
      await backend.announceRestore();
      await runtime.clock.sleep(AFTER_RESTORE);
    });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** As Go prints the struct. */
function sealConfigInOrder(config: JsonObject): JsonValue {
  const names = ['type', 'secret_shares', 'secret_threshold', 'pgp_keys', 'nonce', 'backup'];
  const others = Object.keys(config).filter((name) => !names.includes(name));
  return new Map([...names, ...others].map((name) => [name, config[name] ?? null]));
}

/** Zero is as if it had not been given; durations are whole seconds. */
function merged(config: AutopilotConfig, changes: JsonObject): AutopilotConfig {
  const given = (name: string): number => asNumber(changes[name]) ?? 0;
  const duration = (name: string, otherwise: Micros): Micros => given(name) * SECOND || otherwise;
  const count = (name: string, otherwise: number): number => (given(name) < 0 ? MOST_UINT64 : given(name) || otherwise);
  return {
    cleanupDeadServers: asBoolean(changes['cleanup_dead_servers']) ?? config.cleanupDeadServers,
    lastContactThreshold: duration('last_contact_threshold', config.lastContactThreshold),
    deadServerLastContactThreshold: duration(
      'dead_server_last_contact_threshold',
      config.deadServerLastContactThreshold,
    ),
    maxTrailingLogs: count('max_trailing_logs', config.maxTrailingLogs),
    minQuorum: count('min_quorum', config.minQuorum),
    serverStabilizationTime: duration('server_stabilization_time', config.serverStabilizationTime),
  };
}
