/** All that is asked of both servers, in order. */
import type { Running } from '../targets/target.ts';
import { accounts } from './accounts.ts';
import { badRequests } from './bad-requests.ts';
import { bindings } from './bindings.ts';
import { dns, http, tls } from './challenges.ts';
import { directories } from './directories.ts';
import { finalising } from './finalising.ts';
import { orders } from './orders.ts';
import { policies } from './policies.ts';
import { revoking } from './revoking.ts';
import { Session } from './session.ts';
import { tidying } from './tidying.ts';
import type { AcmeWorld } from './world.ts';

const PARTS = [badRequests, accounts, bindings, orders, http, dns, tls, finalising, revoking, tidying, policies];

/** What a fresh server told. */
export async function play(running: Running, world: AcmeWorld): Promise<readonly string[]> {
  const session = new Session(running, world);
  await session.set('POST', 'sys/mounts/pki', { type: 'pki' });
  await session.set('POST', 'sys/mounts/pki/tune', {
    max_lease_ttl: '87600h',
    passthrough_request_headers: ['If-Modified-Since'],
    allowed_response_headers: ['Last-Modified', 'Location', 'Replay-Nonce', 'Link'],
  });
  for (const issuer of ['first', 'second']) {
    const named = { common_name: issuer, issuer_name: issuer, key_type: 'ec', ttl: '8760h' };
    await session.set('POST', 'pki/root/generate/internal', named);
  }
  const names = { allowed_domains: ['example.test'], allow_subdomains: true, key_type: 'any' };
  const roles = {
    web: { ...names, ttl: '24h', client_flag: true, organization: 'Role' },
    other: { allow_any_name: true, key_type: 'any' },
    unstored: { ...names, no_store: true },
    second: { ...names, issuer_ref: 'second' },
    strict: { ...names, key_type: 'rsa', key_bits: 4096 },
  };
  for (const [name, role] of Object.entries(roles)) await session.set('POST', `pki/roles/${name}`, role);
  await directories(session);
  for (const part of PARTS) await part(session);
  return session.told;
}
