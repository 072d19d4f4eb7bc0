import type { JsonObject, JsonValue } from '../../core/codec/json.ts';
import { parseObject } from '../../core/codec/json.ts';
import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

interface Form {
  readonly path: string;
  /** No two numbers of one form are the same. */
  readonly written: JsonObject;
  /** Written afterwards by itself: the rest stays. */
  readonly changed: JsonObject;
}

const ENGINES = ['aws', 'database', 'kubernetes', 'rabbitmq', 'ssh', 'transit'];
const METHODS = ['approle', 'jwt', 'kubernetes', 'ldap', 'userpass'];
const TOKEN = { token_ttl: 61, token_max_ttl: 121, token_explicit_max_ttl: 181, token_period: 41, token_num_uses: 3 };
const BOUND = { ...TOKEN, token_policies: ['p1', 'p2'], token_bound_cidrs: ['10.0.0.0/8'] };
const FORMS: readonly Form[] = [
  {
    path: 'auth/approle/role/r',
    written: { ...BOUND, secret_id_ttl: 51, secret_id_num_uses: 7, secret_id_bound_cidrs: ['10.1.0.0/16'] },
    changed: { token_ttl: 62 },
  },
  {
    path: 'auth/kubernetes/role/r',
    written: {
      ...BOUND,
      bound_service_account_names: ['web', 'worker'],
      bound_service_account_namespaces: ['apps'],
      audience: 'bao',
      alias_name_source: 'serviceaccount_name',
    },
    changed: { token_ttl: 62 },
  },
  {
    path: 'auth/jwt/role/r',
    written: { ...BOUND, role_type: 'jwt', user_claim: 'sub', bound_audiences: ['bao'], bound_subject: 'alice' },
    changed: { token_ttl: 62, role_type: 'jwt', user_claim: 'sub' },
  },
  { path: 'auth/userpass/users/u', written: { ...BOUND }, changed: { token_ttl: 62 } },
  {
    path: 'auth/ldap/config',
    written: { ...BOUND, url: 'ldap://x', userdn: 'ou=u', groupdn: 'ou=g' },
    changed: { userdn: 'ou=v' },
  },
  {
    path: 'auth/token/roles/r',
    written: { allowed_policies: ['p1'], disallowed_policies: ['p2'], token_explicit_max_ttl: 181, token_period: 41 },
    changed: { orphan: true },
  },
  {
    path: 'aws/roles/r',
    written: {
      credential_type: 'assumed_role',
      role_arns: ['arn:aws:iam::1:role/r'],
      policy_arns: ['arn:aws:iam::1:policy/p'],
      default_sts_ttl: 901,
      max_sts_ttl: 1801,
    },
    changed: { default_sts_ttl: 902 },
  },
  {
    path: 'database/roles/r',
    written: {
      db_name: 'db',
      creation_statements: ['CREATE'],
      revocation_statements: ['DROP'],
      default_ttl: 61,
      max_ttl: 121,
    },
    changed: { default_ttl: 62 },
  },
  {
    path: 'kubernetes/roles/r',
    written: {
      allowed_kubernetes_namespaces: ['apps'],
      service_account_name: 'web',
      token_default_ttl: 601,
      token_max_ttl: 1201,
      extra_labels: { a: 'b' },
    },
    changed: { token_default_ttl: 602 },
  },
  { path: 'rabbitmq/roles/r', written: { tags: 'management' }, changed: { tags: 'monitoring' } },
  {
    path: 'ssh/roles/r',
    written: { key_type: 'otp', default_user: 'ubuntu', cidr_list: '10.0.0.0/8', port: 2222 },
    // A role of SSH is always written as a whole.
    changed: { key_type: 'otp', default_user: 'debian', cidr_list: '10.0.0.0/8', port: 2222 },
  },
  {
    path: 'transit/keys/k/config',
    written: { exportable: true, deletion_allowed: true, auto_rotate_period: 3601 },
    changed: { allow_plaintext_backup: true },
  },
  {
    path: 'identity/entity/name/e',
    written: { metadata: { a: 'b' }, policies: ['p1'] },
    changed: { disabled: true },
  },
];

/** The settings of a key of transit are shown with the key. */
const shownAt = (path: string): string => path.replace(/\/config$/, (end) => (path.startsWith('transit') ? '' : end));

const differences = (shown: JsonValue | undefined, wanted: JsonObject): string =>
  Object.entries(wanted)
    .filter(([name, value]) => JSON.stringify(at(shown, name)) !== JSON.stringify(value))
    .map(([name, value]) => `${name} is ${JSON.stringify(at(shown, name))}, not ${JSON.stringify(value)}`)
    .join();

/** Roles and settings have many fields: each is shown as it was written, by every node and every leader, until changed. */
scenario(
  'what is written is read again, field by field, and what is changed later leaves the rest',
  { minimum: { elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    for (const engine of ENGINES) await bao.mount(engine, engine);
    for (const method of METHODS) await bao.request('POST', `sys/auth/${method}`, { type: method });
    await bao.request('POST', 'auth/userpass/users/u', { password: 'p' });
    await bao.request('POST', 'transit/keys/k');
    const held = async (): Promise<void> => {
      const wrong: string[] = [];
      for (const { path, written, changed } of FORMS) {
        const { json } = await bao.ask('GET', shownAt(path));
        const found = differences(at(json, 'data'), { ...written, ...changed });
        if (found !== '') wrong.push(`${path}: ${found}`);
      }
      expect(wrong.join('; ')).toBe('');
    };
    for (const { path, written } of FORMS) await bao.request('POST', path, written);
    for (const { path, changed } of FORMS) await bao.request('POST', path, changed);
    await held();
    for (const { path, written, changed } of FORMS)
      bao.claims.push({
        what: `${path} is as it was written`,
        path: shownAt(path),
        holds: (status, body) =>
          status === 200 && differences(at(parseObject(body), 'data'), { ...written, ...changed }) === '',
      });
    await bao.stepDown();
    await sim.run('12s');
    await bao.ready();
    await held();
  },
);
