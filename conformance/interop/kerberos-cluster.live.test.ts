/**
 * Which servers of a cluster remember a ticket: each to which it was shown, and the one that led then. The real 2.6.2 and
 * ours, three nodes on raft each, with an OpenLDAP.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeCrypto } from '../../host/crypto.ts';
import { KerberosRealm } from '../../sim/services/kerberos-realm.ts';
import { startSlapd, type Slapd } from '../fixtures/slapd.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import type { Running } from '../targets/target.ts';
import { orSkipped } from './side.ts';

const realm = new KerberosRealm(nodeCrypto(), (length) => new Uint8Array(randomBytes(length)), {
  realm: 'EXAMPLE.COM',
  service: 'HTTP/bao.example.com',
});
let made = 0;
const ticket = (): string => realm.token('alice', Date.now() * 1_000 + made++);

const clusters: Running[] = [];
let directory: Slapd | undefined;

beforeAll(
  () =>
    orSkipped(async () => {
      directory = await startSlapd();
      for (const target of [await realProgram('2.6.2'), oursInProcess()]) clusters.push(await target.start('cluster'));
    }),
  300_000,
);

afterAll(async () => {
  for (const cluster of clusters) await cluster.stop();
  await directory?.stop();
});

async function asked(url: string, path: string, token: string, body?: object): Promise<Response> {
  const more = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${url}/v1/${path}`, { headers: { 'X-Vault-Token': token }, method: 'POST', ...more });
}

async function until<T>(work: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await work();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The node that leads, once there is one that is not `before`. */
const leaderOf = ({ addresses }: Running, before?: string): Promise<string> =>
  until(async () => {
    for (const url of addresses.filter((one) => one !== before)) {
      const answer = await fetch(`${url}/v1/sys/leader`);
      if (((await answer.json()) as { is_self?: boolean }).is_self === true) return url;
    }
    return undefined;
  });

async function story(cluster: Running): Promise<Record<string, string>> {
  const { token } = cluster;
  const leader = await leaderOf(cluster);
  const [one, other] = cluster.addresses.filter((url) => url !== leader) as [string, string];
  await asked(leader, 'sys/auth/kerberos', token, { type: 'kerberos' });
  await asked(leader, 'sys/auth/kerberos/tune', token, { passthrough_request_headers: 'Authorization' });
  const config = { service_account: 'HTTP/bao.example.com', keytab: realm.keytab };
  await asked(leader, 'auth/kerberos/config', token, config);
  const people = { url: directory!.url, userdn: 'ou=people,dc=example,dc=com', userattr: 'uid' };
  await asked(leader, 'auth/kerberos/config/ldap', token, people);
  const show = async (shown: string, ...urls: readonly string[]): Promise<string> => {
    const told: number[] = [];
    for (const url of urls) {
      const headers = { Authorization: `Negotiate ${shown}` };
      told.push((await fetch(`${url}/v1/auth/kerberos/login`, { method: 'POST', headers })).status);
    }
    return told.join(' ');
  };
  // A standby looks by itself, and may still have to hear of the mount.
  for (const url of [one, other]) {
    await until(async () => ((await show(ticket(), url)) === '200' ? true : undefined));
  }
  const [led, atOne, atOther] = [ticket(), ticket(), ticket()];
  const told: Record<string, string> = {
    'a standby, again, another, the leader': await show(ticket(), one, one, other, leader),
    'the leader, a standby, the leader': await show(ticket(), leader, one, leader),
    before: `${await show(led, leader)} ${await show(atOne, one)} ${await show(atOther, other)}`,
  };
  await asked(leader, 'sys/step-down', token);
  const next = await leaderOf(cluster, leader);
  await until(async () => ((await show(ticket(), next)) === '200' ? true : undefined));
  const [own, others] = next === one ? [atOne, atOther] : [atOther, atOne];
  told['what the old leader alone has seen'] = await show(led, next);
  told['what the new leader has seen as a standby'] = await show(own, next);
  told['what the other standby has seen'] = await show(others, next, next);
  return told;
}

test('a ticket is good once at each server that saw it, as with 2.6.2', async (context) => {
  // `orSkipped` has printed why.
  if (clusters.length < 2) return context.skip();
  const [real, ours] = await Promise.all(clusters.map(story));
  expect(ours).toEqual(real);
  expect(real).toEqual({
    'a standby, again, another, the leader': '200 401 401 401',
    'the leader, a standby, the leader': '200 401 401',
    before: '200 200 200',
    'what the old leader alone has seen': '200',
    'what the new leader has seen as a standby': '401',
    'what the other standby has seen': '200 401',
  });
}, 120_000);
