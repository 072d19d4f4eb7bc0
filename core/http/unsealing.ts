/** What works on a sealed node and without a token: seal status, init, unseal, leader. */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { JsonValue } from '../codec/json.ts';
import { coded, duringStorage } from '../fault.ts';
import type { ApiNode, InitRequest, SealStatus } from './api.ts';
import type { HttpRequest } from './message.ts';
import type { Reply } from './reply.ts';
import { json, plainError } from './reply.ts';
import { structBody } from './struct-body.ts';

const isWrite = (request: HttpRequest): boolean => request.method === 'PUT' || request.method === 'POST';

export async function sealStatusReply(request: HttpRequest, node: ApiNode): Promise<Reply> {
  return request.method === 'GET' ? json(200, await sealStatus(node)) : plainError(405);
}

export async function sealStatus(node: ApiNode, atOnce = false): Promise<ReadonlyMap<string, JsonValue>> {
  let status: SealStatus;
  try {
    status = await node.sealStatus({ atOnce });
  } catch (error) {
    throw duringStorage('failed to check seal configuration', error);
  }
  const fields = new Map<string, JsonValue>([
    ['type', status.type],
    ['initialized', status.initialised],
    ['sealed', status.sealed],
    ['t', status.threshold],
    ['n', status.shares],
    ['progress', status.progress],
    ['nonce', status.nonce],
    ['recovery_seal', status.recoverySeal],
  ]);
  if (status.recoverySealType !== undefined) fields.set('recovery_seal_type', status.recoverySealType);
  fields.set('version', node.options.version);
  fields.set('commit_date', node.options.commitDate);
  fields.set('migration', status.migration);
  if (status.clusterName !== undefined) fields.set('cluster_name', status.clusterName);
  if (status.clusterId !== undefined) fields.set('cluster_id', status.clusterId);
  fields.set('storage_type', status.storageType);
  return fields;
}

/** The key of an AES barrier, and with the share's x coordinate at most one byte more. */
const SHORTEST = 16;
const LONGEST = 33;

/** Hexadecimal unless that gives an impossible length, else base64. */
function decodeShare(text: string): Uint8Array {
  try {
    const share = decodeHex(text);
    if (share.length >= SHORTEST && share.length <= LONGEST) return share;
  } catch {
    // Not hexadecimal: base64 is tried next.
  }
  try {
    return decodeBase64(text);
  } catch {
    throw coded(400, "'key' must be a valid hex or base64 string");
  }
}

export async function unsealReply(request: HttpRequest, node: ApiNode): Promise<Reply> {
  if (!isWrite(request)) return plainError(405);
  const fields = { key: 'string', reset: 'bool', migrate: 'bool' } as const;
  const { key, reset, migrate } = structBody(request, node.options, 'UnsealRequest', fields);
  if (reset) {
    if (!(await node.sealStatus()).sealed) throw coded(400, 'vault is unsealed');
    await node.resetUnseal();
  } else {
    if (key === '') throw coded(400, "'key' must be specified in request body as JSON, or 'reset' set to true");
    await node.unseal(decodeShare(key), { migrate });
  }
  // Between two seals a node that begins to stand by has no status to give, so this one comes before.
  return json(200, await sealStatus(node, migrate));
}

export async function initReply(request: HttpRequest, node: ApiNode): Promise<Reply> {
  if (request.method === 'GET') return json(200, { initialized: await node.initialised() });
  if (!isWrite(request)) return plainError(405);
  const given = structBody(request, node.options, 'InitRequest', {
    secret_shares: 'int',
    secret_threshold: 'int',
    pgp_keys: '[]string',
    recovery_shares: 'int',
    recovery_threshold: 'int',
    recovery_pgp_keys: '[]string',
    root_token_pgp_key: 'string',
  });
  const asked: InitRequest = {
    secretShares: given.secret_shares,
    secretThreshold: given.secret_threshold,
    pgpKeys: given.pgp_keys,
    recoveryShares: given.recovery_shares,
    recoveryThreshold: given.recovery_threshold,
    recoveryPgpKeys: given.recovery_pgp_keys,
    rootTokenPgpKey: given.root_token_pgp_key,
  };
  const { shares, recoveryShares = [], rootToken } = await node.initialise(asked);
  const body = new Map<string, JsonValue>([
    ['keys', shares.map(encodeHex)],
    ['keys_base64', shares.map(encodeBase64)],
  ]);
  if (recoveryShares.length > 0) {
    body.set('recovery_keys', recoveryShares.map(encodeHex));
    body.set('recovery_keys_base64', recoveryShares.map(encodeBase64));
  }
  body.set('root_token', rootToken);
  return json(200, body);
}

export async function leaderReply(request: HttpRequest, node: ApiNode): Promise<Reply> {
  return request.method === 'GET' ? json(200, await leaderStatus(node)) : plainError(405);
}

export async function leaderStatus(node: ApiNode): Promise<ReadonlyMap<string, JsonValue>> {
  const leader = await node.leader();
  if (!leader.haEnabled) return new Map([['ha_enabled', false]]);
  const body = new Map<string, JsonValue>([
    ['ha_enabled', true],
    ['is_self', leader.isSelf ?? false],
  ]);
  if (leader.activeTime !== undefined) body.set('active_time', leader.activeTime);
  if (leader.leaderAddress !== undefined) body.set('leader_address', leader.leaderAddress);
  if (leader.leaderClusterAddress !== undefined) body.set('leader_cluster_address', leader.leaderClusterAddress);
  if (leader.raftCommittedIndex !== undefined) body.set('raft_committed_index', leader.raftCommittedIndex);
  if (leader.raftAppliedIndex !== undefined) body.set('raft_applied_index', leader.raftAppliedIndex);
  return body;
}
