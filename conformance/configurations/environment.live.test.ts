/** What a server's environment says beside its configuration, ours and the real server's side by side. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { BesideServer, raftServer, same, until } from './beside.ts';

const WAIT = 120_000;

const CONFIGURATION = `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  tls_disable = true
}
api_addr = "http://127.0.0.1:@P0"
`;

async function begin(server: BesideServer, environment: Readonly<Record<string, string>>): Promise<void> {
  await server.configure(CONFIGURATION);
  await server.start([], environment);
  await server.initialise();
}

test.each([{}, { BAO_DISABLE_USER_LOCKOUT: 'true' }, { VAULT_DISABLE_USER_LOCKOUT: 'x' }])(
  'whether users are locked out: %j',
  async (environment) => {
    const statuses = await same(async (server) => {
      await begin(server, environment);
      await server.ask('POST', 'sys/auth/userpass', { body: { type: 'userpass' } });
      await server.ask('POST', 'auth/userpass/users/u', { body: { password: 'p' } });
      const login = (password: string) =>
        server.ask('POST', 'auth/userpass/login/u', { body: { password }, token: '' });
      const failed: (readonly [number, string])[] = [];
      for (let times = 0; times < 6; times += 1) failed.push(await login('wrong'));
      return [...failed, (await login('p'))[0]];
    });
    expect(statuses.length).toBe(7);
  },
  WAIT,
);

test(
  'leases end without a word, and older names of the address',
  async () => {
    const seen = await same(async (server) => {
      await begin(server, {
        BAO_SKIP_LOGGING_LEASE_EXPIRATIONS: '1',
        BAO_ADVERTISE_ADDR: 'http://1.2.3.4:8200',
      });
      const { text } = await server.call('POST', 'auth/token/create', { body: { ttl: '1s' } });
      const { auth } = JSON.parse(text) as { auth: { client_token: string } };
      await until(
        async () => (await server.ask('GET', 'auth/token/lookup-self', { token: auth.client_token }))[0] === 403,
      );
      return [server.lines(/revoked lease/), server.lines(/Api Address/)];
    });
    expect(seen).toEqual([[], [expect.stringContaining('http://1.2.3.4:8200')]]);
  },
  WAIT,
);

test(
  'requests to others go through the proxies',
  async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(502).end('nope');
    });
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.method} ${request.url}`);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const answers = await same(async (server) => {
      await begin(server, { HTTP_PROXY: address, https_proxy: address, NO_PROXY: 'skip.test' });
      await server.ask('POST', 'sys/auth/jwt', { body: { type: 'jwt' } });
      const rows: unknown[] = [];
      for (const url of ['http://idp.test', 'https://idp.test:8443', 'http://127.0.0.1:1', 'http://localhost:1'])
        rows.push(await server.ask('POST', 'auth/jwt/config', { body: { oidc_discovery_url: url } }));
      return rows;
    });
    proxy.closeAllConnections();
    proxy.close();
    expect(answers.length).toBe(4);
    const each = ['CONNECT idp.test:8443', 'GET http://idp.test/.well-known/openid-configuration'];
    expect(asked.sort()).toEqual(each.flatMap((line) => [line, line]));
  },
  WAIT,
);

test(
  'without autopilot whoever joins has a vote at once, and nobody judges',
  async () => {
    const rows = await same(async (one, kind) => {
      const environment = { BAO_RAFT_AUTOPILOT_DISABLE: 'false' };
      await one.configure(raftServer('', 'one'));
      await one.start([], environment);
      await one.initialise();
      const two = await BesideServer.make(kind);
      try {
        await two.configure(raftServer('', 'two'));
        await two.start([], environment);
        await two.join(one);
        const voters = async () => {
          const { text } = await one.call('GET', 'sys/storage/raft/configuration');
          const { data } = JSON.parse(text) as { data: { config: { servers: { node_id: string; voter: boolean }[] } } };
          return data.config.servers.map(({ node_id, voter }) => [node_id, voter]);
        };
        const seen: unknown[] = [await voters()];
        for (const [what, server_id] of ['demote two', 'promote two', 'demote one', 'promote none'].map((words) =>
          words.split(' '),
        )) {
          seen.push(await one.ask('POST', `sys/storage/raft/${what}`, { body: { server_id } }), await voters());
        }
        for (const path of ['state', 'configuration'])
          seen.push(await one.ask('GET', `sys/storage/raft/autopilot/${path}`));
        return [...seen, one.lines(/disabling autopilot/)];
      } finally {
        await two.remove();
      }
    });
    expect(rows[0]).toEqual([
      ['one', true],
      ['two', true],
    ]);
  },
  WAIT,
);
