/** `plugin` stanzas that name no program that could be run, and what the catalog knows. */
import { expect, test } from 'vitest';
import { plainServer, same } from './beside.ts';

const WAIT = 120_000;

const stanza = (more: string, type = 'secret'): string =>
  `plugin "${type}" "x" {\n version = "v1.0.0"\n sha256sum = "${'0'.repeat(64)}"\n ${more}\n}\n`;

test.each([
  ['no folder', stanza('command = "nowhere"')],
  ['no such program', `plugin_directory = "@DIR/data"\n${stanza('command = "nowhere"')}`],
  ['no command', `plugin_directory = "@DIR/data"\n${stanza('')}`],
  ['no such type', stanza('command = "nowhere"', 'nope')],
  [
    'an image that was not fetched',
    `plugin_directory = "@DIR/data"\n${stanza('image = "127.0.0.1:1/abc"\n binary_name = "x"')}`,
  ],
  ['a seal', `plugin_directory = "@DIR/data"\n${stanza('command = "nowhere"', 'kms')}`],
])(
  'a server with %s',
  async (_, top) => {
    const seen = await same(async (server) => {
      await server.configure(plainServer('', top));
      await server.start();
      const shares = { secret_shares: 1, secret_threshold: 1 };
      const { status, text } = await server.call('PUT', 'sys/init', { body: shares, token: '' });
      return [server.exitCode, status, status === 200 ? '' : text.replaceAll(server.folder, '@DIR')];
    });
    expect(seen[1]).toBe(top.includes('kms') ? 200 : 400);
  },
  WAIT,
);

test(
  'the catalog lists what is built in, and what is a program of its own is found nowhere',
  async () => {
    const seen = await same(async (server) => {
      await server.configure(plainServer());
      await server.start();
      await server.initialise();
      const rows: unknown[] = [];
      const bare = (text: string): string => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
      for (const path of ['', '/auth', '/secret', '/database']) {
        const [status, text] = await server.ask(path === '' ? 'GET' : 'LIST', `sys/plugins/catalog${path}`);
        rows.push([path, status, bare(text)]);
      }
      for (const name of [
        'secret/database',
        'secret/aws',
        'secret/kv',
        'database/mongodb-database-plugin',
        'auth/ldap',
        'auth/token',
      ]) {
        const [status, text] = await server.ask('GET', `sys/plugins/catalog/${name}`);
        rows.push([name, status, bare(text)]);
      }
      for (const plugin of ['database', 'kv', 'nope', 'mongodb-database-plugin', 'postgresql-database-plugin']) {
        const [status, text] = await server.ask('PUT', 'sys/plugins/reload/backend', { body: { plugin } });
        rows.push([plugin, status, bare(text)]);
      }
      return rows;
    });
    expect(seen.length).toBe(15);
  },
  WAIT,
);
