/** What is asked of a cluster so that the metrics appear, whoever's cluster it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type RealCluster, type RealNode } from '../cluster.ts';

/** The end of the configuration: audit devices by request, and metrics that are kept and come often. */
export const EXTRA = `unsafe_allow_api_audit_creation = true
telemetry {
  prometheus_retention_time = "24h"
  disable_hostname = true
  usage_gauge_period = "5s"
}
`;

interface Stage {
  readonly name: string;
  readonly play: () => Promise<void>;
}

const rules = 'path "*" { capabilities = ["create","read","update","delete","list","patch","scan","sudo"] }';

/** The stages in order; after each, look at the metrics. `postgres`: the address of an empty database. */
export function workload(cluster: RealCluster, leader: RealNode, postgres: string): Stage[] {
  const began = Date.now();
  const { token } = cluster;
  const standby = cluster.nodes.find((node) => node !== leader)!;
  const ask = async (method: string, path: string, body?: unknown, node = leader, as = token) => {
    const answer = await node.request(method, path, { token: as, timeout: 60_000, ...(body ? { body } : {}) });
    return answer as { status: number; body: Record<string, Record<string, string>> | undefined };
  };
  const must = async (method: string, path: string, body?: unknown, node = leader, as = token) => {
    const answer = await ask(method, path, body, node, as);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body!;
  };
  const patch = async (path: string, body: unknown) => {
    const headers = { 'X-Vault-Token': token, 'Content-Type': 'application/merge-patch+json' };
    const sent = { method: 'PATCH', headers, body: JSON.stringify(body) };
    const response = await fetch(`${leader.address}/v1/${path}`, sent);
    if (!response.ok) throw new Error(`PATCH ${path}: ${response.status}`);
  };
  return [
    { name: 'up', play: () => Promise.resolve() },
    {
      name: 'kv, tokens, logins, policies',
      play: async () => {
        await must('PUT', 'sys/audit/f', { type: 'file', options: { file_path: '/dev/null' } });
        await must('POST', 'sys/mounts/kv-v2', { type: 'kv', options: { version: '2' } });
        await must('POST', 'sys/mounts/k1', { type: 'kv' });
        await must('POST', 'sys/auth/userpass', { type: 'userpass' });
        await eventually('the mount is upgraded', async () => {
          const { status } = await ask('POST', 'kv-v2/data/a', { data: { a: 1 } });
          return status === 200 || undefined;
        });
        await must('GET', 'kv-v2/data/a');
        await patch('kv-v2/data/a', { data: { b: 1 } });
        await must('GET', 'kv-v2/metadata?list=true');
        await must('GET', 'kv-v2/metadata?list=true&limit=1');
        await must('DELETE', 'kv-v2/data/a');
        await must('POST', 'k1/a', { a: 1 });
        await must('GET', 'k1/a');
        await must('GET', 'k1/a?help=1');
        await must('PUT', 'sys/policies/acl/all', { policy: rules });
        await must('GET', 'sys/policies/acl/all');
        await must('GET', 'sys/policies/acl?list=true');
        await must('PUT', 'sys/policies/acl/gone', { policy: rules });
        await must('DELETE', 'sys/policies/acl/gone');
        await must('POST', 'auth/userpass/users/u', { password: 'p', token_policies: 'all', token_ttl: '1h' });
        const { auth } = await must('POST', 'auth/userpass/login/u', { password: 'p' });
        const user = auth!['client_token']!;
        await must('GET', 'kv-v2/metadata?list=true', undefined, leader, user);
        await must('POST', 'auth/token/renew-self', {}, leader, user);
        await must('GET', 'sys/internal/ui/mounts', undefined, leader, user);
        const short = await must('POST', 'auth/token/create', { policies: ['all'], ttl: '1s' });
        // Until the token has ended by the clock of the server, which is this machine's.
        await sleep(2_500);
        await ask('GET', 'auth/token/lookup-self', undefined, leader, short['auth']!['client_token']);
        const other = await must('POST', 'auth/token/create', { policies: ['all'], ttl: '1h' });
        await must('POST', 'auth/token/revoke', { token: other['auth']!['client_token'] });
        await must('POST', 'auth/token/create-orphan', { policies: ['default'], ttl: '1h' });
        await must('POST', 'auth/token/create', { type: 'batch', policies: ['default'], ttl: '1h' });
        await must('GET', 'sys/leases/lookup/auth/userpass/login/u?list=true');
        await must('PUT', 'sys/leases/revoke-prefix/auth/userpass');
      },
    },
    {
      name: 'identity, namespaces, quotas',
      play: async () => {
        const { data } = await must('POST', 'identity/entity', { name: 'e' });
        await must('POST', 'identity/group', { name: 'g', member_entity_ids: [data!['id']] });
        await must('DELETE', 'identity/entity/name/e');
        await must('POST', 'sys/namespaces/ns1', {});
        await must('GET', 'sys/namespaces?list=true');
        await must('GET', 'sys/namespaces/ns1');
        await patch('sys/namespaces/ns1', { custom_metadata: { a: 'b' } });
        await must('POST', 'ns1/auth/token/create', { ttl: '1h' });
        await must('GET', 'ns1/sys/mounts');
        await must('DELETE', 'sys/namespaces/ns1');
        await must('POST', 'sys/quotas/rate-limit/q', { path: 'k1/', rate: 1 });
        for (let i = 0; i < 4; i++) await ask('GET', 'k1/a');
        await must('DELETE', 'sys/quotas/rate-limit/q');
        await must('PUT', 'cubbyhole/a', { a: 1 });
        await must('GET', 'cubbyhole/a');
      },
    },
    {
      name: 'transit, pki, ssh, totp',
      play: async () => {
        for (const type of ['transit', 'pki', 'ssh', 'totp']) await must('POST', `sys/mounts/${type}`, { type });
        await must('POST', 'transit/keys/k', {});
        await must('POST', 'transit/encrypt/k', { plaintext: 'aGk=' });
        await must('POST', 'pki/root/generate/internal', { common_name: 'ca', key_type: 'ec', ttl: '100h' });
        await must('POST', 'pki/roles/r', { allow_any_name: true, key_type: 'ec', ttl: '1h', generate_lease: true });
        await must('POST', 'pki/roles/n', { allow_any_name: true, key_type: 'ec', ttl: '1h' });
        await must('POST', 'pki/issue/r', { common_name: 'a.b' });
        const { data } = await must('POST', 'pki/issue/n', { common_name: 'a.b' });
        await ask('POST', 'pki/issue/n', { common_name: 'a.b', ttl: '1000h', not_after: 'x' });
        await ask('POST', 'pki/sign/n', { common_name: 'a.b', csr: 'x' });
        await ask('POST', 'pki/sign-verbatim/n', { csr: 'x' });
        await must('POST', 'pki/revoke', { serial_number: data!['serial_number'] });
        await ask('POST', 'pki/revoke', { serial_number: '01:02:03' });
        await must('POST', 'pki/tidy', { tidy_cert_store: true, tidy_revoked_certs: true, safety_buffer: '1s' });
        await eventually('tidying ends', async () => {
          const { data: status } = await must('GET', 'pki/tidy-status');
          return status!['state'] !== 'Running' || undefined;
        });
        await must('PUT', 'sys/leases/revoke-force/pki/issue');
      },
    },
    {
      name: 'database',
      play: async () => {
        await must('POST', 'sys/mounts/database', { type: 'database' });
        const config = {
          plugin_name: 'postgresql-database-plugin',
          allowed_roles: '*',
          connection_url: 'postgresql://{{username}}:{{password}}@127.0.0.1:1/nothing',
          username: 'u',
          password: 'p',
        };
        await ask('POST', 'database/config/away', config);
        await must('POST', 'database/config/pg', { ...config, connection_url: postgres });
        await must('POST', 'database/roles/r', {
          db_name: 'pg',
          creation_statements: ["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"],
          renew_statements: ['ALTER ROLE "{{name}}" VALID UNTIL \'{{expiration}}\''],
          default_ttl: '1h',
          max_ttl: '2h',
        });
        const { lease_id: lease } = (await must('GET', 'database/creds/r')) as unknown as { lease_id: string };
        await must('PUT', 'sys/leases/renew', { lease_id: lease });
        await must('PUT', 'sys/leases/revoke', { lease_id: lease });
        await must('DELETE', 'database/config/pg');
      },
    },
    {
      name: 'standby',
      play: async () => {
        await ask('GET', 'k1/a', undefined, standby);
        await ask('PUT', 'k1/b', { b: 1 }, standby);
        await ask('POST', 'sys/mounts/late', { type: 'kv' }, standby);
        // What is measured now and then, and not by request, has its time.
        await sleep(2_000);
      },
    },
    {
      name: 'snapshot, seal of another',
      play: async () => {
        await leader.request('GET', 'sys/storage/raft/snapshot', { token, timeout: 60_000 });
        await must('PUT', 'sys/rotate');
      },
    },
    // After a minute backends tidy up; the JSON form forgets what was more than twenty seconds ago.
    ...Array.from({ length: 8 }, () => ({
      name: 'until a minute has passed',
      play: () => sleep(Math.min(6_000, Math.max(0, 75_000 - (Date.now() - began)))),
    })),
    {
      name: 'step down',
      play: async () => {
        await must('PUT', 'sys/step-down');
        await cluster.healthy();
        // What comes after a node has said that it is the active one.
        await sleep(1_000);
      },
    },
  ];
}
