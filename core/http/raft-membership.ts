/** How a node becomes part of a raft cluster: asked without a token, of nodes that have no storage yet (facts §2.6). */
import { print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { failure, refuse } from '../fault.ts';
import type { ApiNode } from './api.ts';
import { errorReply } from './errors.ts';
import type { HttpRequest } from './message.ts';
import { type Reply, json, plainError } from './reply.ts';
import { structBody } from './struct-body.ts';

const isWrite = ({ method }: HttpRequest): boolean => method === 'PUT' || method === 'POST';

export async function raftJoinReply(request: HttpRequest, node: ApiNode): Promise<Reply> {
  if (!isWrite(request)) return plainError(405);
  const given = structBody(request, node.options, 'JoinRequest', {
    leader_api_addr: 'string',
    leader_ca_cert: 'string',
    leader_client_cert: 'string',
    leader_client_key: 'string',
    leader_tls_servername: 'string',
    retry: 'bool',
    non_voter: 'bool',
  });
  const leader = {
    address: given.leader_api_addr,
    ca: given.leader_ca_cert,
    clientCertificate: given.leader_client_cert,
    clientKey: given.leader_client_key,
    serverName: given.leader_tls_servername,
  };
  if (node.joinRaft === undefined) throw failure('raft backend not in use');
  if ((leader.clientCertificate === '') !== (leader.clientKey === '')) throw refuse('invalid certificate parameters');
  if (leader.clientCertificate !== '' && !leader.clientCertificate.includes('-----BEGIN ')) {
    throw refuse('tls: failed to find any PEM data in certificate input');
  }
  return json(200, { joined: await node.joinRaft(leader, { nonVoter: given.non_voter, retry: given.retry }) });
}

/** A sealed node answers twice: upstream goes on after its first refusal. */
export async function raftBootstrapReply(request: HttpRequest, node: ApiNode): Promise<Reply> {
  if (!isWrite(request)) return plainError(400);
  try {
    if (node.bootstrapRaft === undefined) throw failure('raft backend not in use');
    await node.bootstrapRaft();
    return { status: 200 };
  } catch (error) {
    const reply = errorReply(error);
    if (!(await node.health()).sealed) return reply;
    const first = encodeUtf8(`${print({ errors: ['node must be unsealed to bootstrap'] })}\n`);
    return { status: 400, body: new Uint8Array([...first, ...(reply.body ?? [])]) };
  }
}
