/** How a new node comes into a raft cluster (facts §2.6): it asks, proves that it can unseal, and is let in. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { asList, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { type JsonObject, jsonObject, print } from '../../codec/json.ts';
import { Fault, failure } from '../../fault.ts';
import { type Log, type Micros, type Runtime, SECOND } from '../../runtime.ts';
import type { Scope } from '../../scope.ts';
import type { Peer } from '../../storage/raft/backend.ts';
import { parseTlsKeyring } from '../../storage/raft/tls.ts';
import { pause } from '../../ticker.ts';
import { parseBlob } from '../seal/blob.ts';
import type { SealManager } from '../seal/manager.ts';
import { type SealConfig, sealConfig } from '../seal/seal-config.ts';
import { InvalidKey } from '../seal/share.ts';
import { ShamirWrapper } from '../seal/shamir-wrapper.ts';
import type { SealWrapper } from '../seal/wrapper.ts';
import type { RaftPhysical } from './raft-physical.ts';

const RETRY: Micros = 2 * SECOND;
const KEYRING_POLL: Micros = SECOND;

/** A node that may be the leader, or know it. PEM texts; '' where nothing was said. */
export interface LeaderContact {
  /** API address. */
  readonly address: string;
  readonly ca?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly serverName?: string;
  /** Why it could not be found out who that is. */
  readonly undiscovered?: string;
}

export interface JoinRequest {
  readonly leaders: readonly LeaderContact[];
  readonly nodeId: string;
  /** host:port. */
  readonly clusterAddress: string;
  readonly nonVoter: boolean;
  /** PUTs JSON to the leader's API, following redirects; rejects unless the answer is 200. Gives the envelope's `data`. */
  put(leader: LeaderContact, path: string, body: JsonObject): Promise<JsonObject>;
}

/** The node that stands on the storage. */
export interface JoiningNode {
  readonly runtime: Runtime;
  readonly seals: SealManager;
  /** Auto seals: opens the barrier if the stored keys are there, and goes on from there. */
  unsealStored(): Promise<boolean>;
  /** Shamir: opens the barrier with the key that the shares made, and goes on from there. */
  unsealJoined(key: Uint8Array): Promise<void>;
}

interface Challenge {
  readonly leader: LeaderContact;
  readonly blob: Uint8Array;
  readonly config: SealConfig;
}

/** `retry_join`: asks every 2 s until one lets it in, or the node has state of its own. */
export async function retryJoin(
  node: JoiningNode,
  physical: RaftPhysical,
  request: JoinRequest,
  scope: Scope,
): Promise<void> {
  const { clock, log } = node.runtime;
  log.write('info', 'core', 'raft retry join initiated');
  await isInitialised(node);
  for (;;) {
    if (scope.cancelled) return;
    if ((await physical.storage.hasState()) || (await isInitialised(node))) {
      log.write('info', 'core', 'returning from raft join as the node is initialized');
      return;
    }
    try {
      await join(node, physical, request, scope);
      return;
    } catch (error) {
      log.write('error', 'core', 'failed to retry join raft cluster', { retry: '2s', err: error });
    }
    await pause(clock, RETRY, scope);
  }
}

/** A configuration that is another seal's is one. */
async function isInitialised({ seals }: JoiningNode): Promise<boolean> {
  try {
    return await seals.initialised();
  } catch (error) {
    if (error instanceof Fault) return true;
    throw error;
  }
}

/** With a Shamir seal it resolves when the challenge is there: the shares go to the answer then. */
export async function join(
  node: JoiningNode,
  physical: RaftPhysical,
  request: JoinRequest,
  scope: Scope,
): Promise<void> {
  const { seals, runtime } = node;
  const challenge = await firstChallenge(request, runtime.log);
  const { type } = challenge.config;
  if (type !== seals.seal.type) {
    throw failure(`mismatching seal types between raft leader (${type}) and follower (${seals.seal.type})`);
  }
  if (seals.seal.auto) {
    await answer(physical, request, challenge, seals.seal.wrapper);
    tellJoined(runtime.log, challenge);
    void openWhenReplicated(() => node.unsealStored());
    return;
  }
  seals.joinWith({
    config: challenge.config,
    answer: async (unsealKey) => {
      await answer(physical, request, challenge, new ShamirWrapper(runtime, unsealKey));
      tellJoined(runtime.log, challenge);
      void openWhenReplicated(() => node.unsealJoined(unsealKey));
    },
  });

  async function replicated(): Promise<void> {
    while (!scope.cancelled && (await physical.storage.get('core/keyring')) === undefined) {
      await pause(runtime.clock, KEYRING_POLL, scope);
    }
  }

  async function openWhenReplicated(open: () => Promise<unknown>): Promise<void> {
    for (;;) {
      await replicated();
      if (scope.cancelled) return;
      try {
        await open();
        return;
      } catch (error) {
        runtime.log.write('error', 'core', 'failed to unseal after raft join', { error });
      }
      await pause(runtime.clock, KEYRING_POLL, scope);
    }
  }
}

const tellJoined = (log: Log, { leader }: Challenge): void =>
  log.write('info', 'core', 'successfully joined the raft cluster', { leader_addr: leader.address });

/** A node that has its keys, and the data, already. */
export async function joinUnsealed(
  seals: SealManager,
  physical: RaftPhysical,
  request: JoinRequest,
  log: Log,
): Promise<void> {
  await answer(physical, request, await firstChallenge(request, log), seals.seal.wrapper);
}

/** All candidates are asked at once, the first to answer is taken. */
async function firstChallenge(request: JoinRequest, log: Log): Promise<Challenge> {
  const asked = request.leaders.map(async (leader): Promise<Challenge> => {
    const data = await challengeOf(leader, request, log);
    const config = asObject(data['seal_config']) ?? jsonObject({});
    return {
      leader,
      blob: decodeBase64(asString(data['challenge']) ?? ''),
      config: sealConfig(
        asString(config['type']) ?? '',
        asNumber(config['secret_shares']) ?? 0,
        asNumber(config['secret_threshold']) ?? 0,
      ),
    };
  });
  try {
    return await Promise.any(asked);
  } catch {
    throw failure('failed to get raft challenge');
  }
}

async function challengeOf(leader: LeaderContact, request: JoinRequest, log: Log): Promise<JsonObject> {
  const { address: leaderAddress, undiscovered } = leader;
  if (leaderAddress === '') {
    const metadata = undiscovered !== undefined;
    log.write('error', 'core', 'error in retry_join stanza, will not use it for raft join', {
      error: metadata
        ? `failed to fetch addresses via auto-join: ${undiscovered}`
        : 'must provide leader address or auto-join metadata',
      leader_api_addr: '',
      auto_join: metadata,
    });
    throw failure('no leader address');
  }
  log.write('info', 'core', 'attempting to join possible raft leader node', { leader_addr: leaderAddress });
  try {
    return await request.put(leader, 'sys/storage/raft/bootstrap/challenge', { server_id: request.nodeId });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.write('error', 'core', 'failed to get raft challenge', {
      leader_addr: leaderAddress,
      error: `error during raft bootstrap init call: ${reason}`,
    });
    throw error;
  }
}

async function answer(
  physical: RaftPhysical,
  request: JoinRequest,
  challenge: Challenge,
  wrapper: SealWrapper,
): Promise<void> {
  let plaintext: Uint8Array;
  try {
    plaintext = await wrapper.decrypt(parseBlob(challenge.blob));
  } catch (error) {
    throw new InvalidKey(`error decrypting challenge: ${error instanceof Error ? error.message : String(error)}`);
  }
  const data = await request.put(challenge.leader, 'sys/storage/raft/bootstrap/answer', {
    answer: encodeBase64(plaintext),
    cluster_addr: request.clusterAddress,
    server_id: request.nodeId,
    non_voter: request.nonVoter,
  });
  const peers = (asList(data['peers']) ?? []).map((item): Peer => {
    const peer = asObject(item) ?? jsonObject({});
    return {
      id: asString(peer['id']) ?? '',
      address: asString(peer['address']) ?? '',
      suffrage: asNumber(peer['suffrage']) === 0 ? 'voter' : 'nonvoter',
    };
  });
  const keyring = parseTlsKeyring(print(data['tls_keyring'] ?? jsonObject({})));
  await physical.join(peers, keyring, request.nonVoter);
}
