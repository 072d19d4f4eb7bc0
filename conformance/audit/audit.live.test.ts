/** What audit devices log of each request, ours and the real server's side by side, field by field. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { asString } from '../../core/codec/json-fields.ts';
import { type JsonValue, JsonError } from '../../core/codec/json.ts';
import { type Asked, type BesideServer, raftServer, same, until } from '../configurations/beside.ts';
import { at, objectOf } from '../configurations/token-player.ts';
import { comparable } from './normalise.ts';
import { engines, type Row, special } from './requests.ts';

const WAIT = 400_000;

const devices: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  raw: { log_raw: 'true' },
  plain: {},
  accessors: { hmac_accessor: 'false' },
  counts: { elide_list_responses: 'true', log_raw: 'true' },
  marked: { prefix: '@cee: ' },
};

/** Their answers tell of the process. */
const ownWords = /^sys\/(?:host-info|metrics|loggers|internal\/specs\/openapi|version-history)/;

class Witness {
  readonly rows: unknown[] = [];
  readonly #server: BesideServer;
  readonly #read = new Map<string, number>();

  constructor(server: BesideServer) {
    this.#server = server;
  }

  static async begin(server: BesideServer, listener = ''): Promise<Witness> {
    const settings = 'unsafe_allow_api_audit_creation = true\nallow_audit_log_prefixing = true\n';
    await server.configure(raftServer(settings).replace('tls_disable = true', `tls_disable = true\n${listener}`));
    await server.start();
    await server.initialise();
    for (const [name, options] of Object.entries(devices)) {
      const body = { type: 'file', options: { ...options, file_path: `${server.folder}/${name}.log` } };
      await server.call('PUT', `sys/audit/${name}`, { body });
    }
    const witness = new Witness(server);
    await witness.skip();
    return witness;
  }

  /** What was logged so far is nobody's row. */
  async skip(): Promise<void> {
    for (const name of Object.keys(devices)) await this.#fresh(name);
  }

  /** Lines since the last time. */
  async #fresh(device: string): Promise<string[]> {
    const text = await readFile(`${this.#server.folder}/${device}.log`, 'utf8');
    const from = this.#read.get(device) ?? 0;
    this.#read.set(device, text.length);
    return text.slice(from).split('\n').filter(Boolean);
  }

  async ask(who: string, { method, path, body }: Row, asked: Asked = {}): Promise<JsonValue> {
    const { status, text } = await this.#server.call(method, path, { ...asked, ...(body !== undefined && { body }) });
    const logged: unknown[] = [];
    for (const device of Object.keys(devices)) {
      for (const line of await this.#fresh(device)) {
        const start = line.indexOf('{');
        const entry = objectOf(line.slice(start));
        const told = ownWords.test(path) ? { ...entry, response: null } : entry;
        logged.push([device, line.slice(0, start), comparable(told)]);
      }
    }
    this.rows.push([who, method, path.replace(/\b[sh]\w*\.\w{24,}/, 'TOKEN'), status, logged]);
    try {
      return objectOf(text);
    } catch (error) {
      if (error instanceof JsonError) return null;
      throw error;
    }
  }
}

const token = (answer: JsonValue): string =>
  asString(at(answer, 'auth', 'client_token')) ?? asString(at(answer, 'wrap_info', 'token')) ?? '';

const forHolders = `disable_unauthed_rekey_endpoints = false
disable_unauthed_generate_root_endpoints = false`;

test.each([
  ['off', ''],
  ['on', forHolders],
])(
  'of paths that need no token or refuse (endpoints of key holders: %s)',
  async (_, listener) => {
    const seen = await same(async (server) => {
      const witness = await Witness.begin(server, listener);
      const policy = 'path "sys/policies/acl" { capabilities = ["read", "list"] }';
      await server.call('PUT', 'sys/policies/acl/weak', { body: { policy } });
      const few = { policies: ['weak'], ttl: '1h', meta: { a: 'b' }, num_uses: 900 };
      const weak = token(await witness.ask('root', { method: 'POST', path: 'auth/token/create', body: few }));
      for (const row of special) {
        for (const [who, caller] of Object.entries({ root: server.root, nobody: '', stranger: 's.nope', weak })) {
          await witness.ask(who, row, { token: caller });
        }
      }
      for (const caller of ['', 's.nope', weak]) {
        for (const path of ['sys/seal', 'sys/step-down']) {
          await witness.ask('no right', { method: 'PUT', path }, { token: caller });
        }
      }
      const odd = { 'X-Vault-Wrap-TTL': '60', 'X-Vault-Wrap-Format': 'jwt', 'X-Vault-Policy-Override': 'true' };
      for (const caller of [server.root, '', weak]) {
        const row: Row = { method: 'LIST', path: 'sys/policies/acl' };
        for (const [name, value] of Object.entries(odd)) {
          await witness.ask(name, row, { token: caller, headers: { [name]: value } });
        }
        await witness.ask('jwt', row, { token: caller, headers: odd });
        await witness.ask('no such namespace', row, { token: caller, headers: { 'X-Vault-Namespace': 'none' } });
      }
      return witness.rows;
    });
    expect(seen.length).toBeGreaterThan(500);
  },
  WAIT,
);

test(
  'of engines, logins, wrapped answers, quotas and headers',
  async () => {
    const seen = await same(async (server) => {
      const witness = await Witness.begin(server);
      const post = (path: string, body: unknown = {}): Row => ({ method: 'POST', path, body });
      const clear = { audit_non_hmac_request_keys: ['open'], audit_non_hmac_response_keys: 'open,keys' };
      await witness.ask('root', post('sys/mounts/k1', { type: 'kv', config: clear }));
      await server.call('POST', 'sys/mounts/k2', { body: { type: 'kv', options: { version: '2' } } });
      for (const type of ['ssh', 'pki', 'transit']) await server.call('POST', `sys/mounts/${type}`, { body: { type } });
      for (const type of ['userpass', 'approle', 'jwt']) {
        await server.call('POST', `sys/auth/${type}`, { body: { type } });
      }
      const role = { key_type: 'otp', default_user: 'u', cidr_list: '0.0.0.0/0' };
      await witness.ask('root', post('ssh/roles/otp', role));
      // A new mount of versions refuses everything until it is ready.
      await until(async () => (await server.ask('GET', 'k2/data/x'))[0] === 404);
      await witness.skip();
      for (const row of engines) await witness.ask('root', row);

      for (const [name, more] of Object.entries({
        u: { token_policies: 'x,y' },
        deny: { token_bound_cidrs: ['10.0.0.0/8'] },
        batch: { token_type: 'batch' },
        few: { token_num_uses: 5 },
      })) {
        await witness.ask('root', post(`auth/userpass/users/${name}`, { password: 'p', ...more }));
        for (const password of ['p', 'wrong', '']) {
          await witness.ask('nobody', post(`auth/userpass/login/${name}`, { password }), { token: '' });
        }
      }
      const login = post('auth/userpass/login/u', { password: 'p' });
      await witness.ask('with a token', login);
      await witness.ask('with one that there is not', login, { token: 's.none' });
      await witness.ask('by another method', { method: 'GET', path: 'auth/userpass/login/u' }, { token: '' });

      const wrapping = { 'X-Vault-Wrap-TTL': '60' };
      for (const [row, caller] of [
        [{ method: 'GET', path: 'k1/a/c' }, server.root],
        [{ method: 'GET', path: 'k2/data/x' }, server.root],
        [{ method: 'LIST', path: 'k1/a' }, server.root],
        [{ method: 'GET', path: 'identity/oidc/.well-known/keys' }, server.root],
        [post('ssh/creds/otp', { ip: '1.2.3.4' }), server.root],
        [post('auth/token/create', { policies: ['default'], ttl: '1h' }), server.root],
        [post('sys/wrapping/wrap', { x: 'y' }), server.root],
        [login, ''],
      ] as const) {
        const wrapped = async (format: string) => {
          const headers = { ...wrapping, 'X-Vault-Wrap-Format': format };
          return token(await witness.ask(`wrapped, ${format}`, row, { token: caller, headers }));
        };
        const one = await wrapped('');
        await witness.ask('looked up', post('sys/wrapping/lookup', { token: one }), { token: '' });
        await witness.ask('looked up by itself', { method: 'GET', path: 'sys/wrapping/lookup' }, { token: one });
        const next = token(await witness.ask('wrapped anew', post('sys/wrapping/rewrap', { token: one })));
        await witness.ask('gone', post('sys/wrapping/unwrap', { token: one }));
        await witness.ask('unwrapped', post('sys/wrapping/unwrap', { token: next }));
        await witness.ask('by itself', post('sys/wrapping/unwrap'), { token: await wrapped('') });
        await witness.ask('by itself, a JWT', post('sys/wrapping/unwrap'), { token: await wrapped('jwt') });
        const cubbyhole = { method: 'GET', path: 'cubbyhole/response' };
        if (row !== login) await witness.ask('from the cubbyhole', cubbyhole, { token: await wrapped('') });
      }

      const user = { token: token(await witness.ask('nobody', login, { token: '' })) };
      for (const name of ['lookup-self', 'renew-self', 'revoke-self', 'lookup-self']) {
        await witness.ask('user', post(`auth/token/${name}`, { increment: '1h' }), user);
      }
      for (const name of ['X-Clear', 'Authorization', 'X-Vault-Token', 'Cookie']) {
        await server.call('PUT', `sys/config/auditing/request-headers/${name}`, { body: {} });
      }
      await server.call('PUT', 'sys/config/auditing/request-headers/X-Shut', { body: { hmac: true } });
      const row: Row = { method: 'LIST', path: 'k1/a' };
      await witness.ask('headers', row, {
        headers: { 'X-Clear': ['a', 'b'], 'x-shut': 'c', 'X-Other': 'd', Cookie: 'e=f' },
      });
      await witness.ask('bearer', row, { token: '', headers: { Authorization: `Bearer ${server.root}` } });
      await witness.ask('bearer and token', row, { headers: { Authorization: 'Bearer x' } });
      await witness.ask('headers', login, { token: '', headers: { 'X-Clear': 'a' } });
      await server.call('DELETE', 'sys/config/auditing/request-headers/X-Vault-Token');

      await witness.ask('root', post('sys/quotas/config', { enable_rate_limit_audit_logging: true }));
      await witness.ask('root', post('sys/quotas/rate-limit/q', { rate: 0.001, path: 'k1' }));
      for (const caller of [server.root, server.root, '', 's.none'])
        await witness.ask('limited', row, { token: caller });
      await witness.ask('root', { method: 'DELETE', path: 'sys/quotas/rate-limit/q' });
      await witness.ask('root', post('sys/mounts/k1/tune', { audit_non_hmac_response_keys: ['ttl'] }));
      await witness.ask('tuned', { method: 'GET', path: 'k1/a/c' });
      await witness.ask('removed', { method: 'DELETE', path: 'sys/audit/marked' });
      return witness.rows;
    });
    expect(seen.length).toBeGreaterThan(190);
  },
  WAIT,
);
