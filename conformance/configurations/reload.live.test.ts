/** What a running server takes from a changed configuration, and which signals it knows: ours beside the real one. */
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BesideServer, plainServer, raftServer, same, until } from './beside.ts';

const WAIT = 120_000;
const device = (name: string, more = ''): string =>
  `audit "file" "${name}" {\n ${more}\n options { file_path = "@DIR/${name}.log" }\n}\n`;
const header = (value: string): string => `custom_response_headers { "default" = { "X-Own" = ["${value}"] } }`;

/** Upstream shuffles its devices, and ours says what the process waits for where it lists goroutines. */
const told = (server: BesideServer): string[] =>
  server
    .lines(/\[(INFO|WARN|ERROR)\]/)
    .filter((line) => !/completed_request|systemd/.test(line))
    .sort();

async function state(server: BesideServer): Promise<unknown> {
  const { status, headers } = await server.call('GET', 'kv/a');
  const { data } = JSON.parse((await server.ask('GET', 'sys/config/state/sanitized'))[1]) as {
    data: Record<string, unknown>;
  };
  const { audits, default_lease_ttl, enable_ui, log_level, log_requests_level, raw_storage_endpoint } = data;
  return {
    status,
    own: headers['x-own'],
    sanitized: { audits, default_lease_ttl, enable_ui, log_level, log_requests_level, raw_storage_endpoint },
    devices: Object.keys((JSON.parse((await server.ask('GET', 'sys/audit'))[1]) as { data: object }).data).sort(),
    raw: (await server.ask('GET', 'sys/raw/core/mounts'))[0],
    ui: (await server.ask('GET', '/ui/'))[0],
  };
}

test(
  'SIGHUP: headers, levels and audit devices follow the configuration, what is wrong in it is said, the rest stays',
  async () => {
    await same(async (server) => {
      const first = plainServer(header('1'), `log_requests_level = "info"\nunsafe_allow_api_audit_creation = true\n`);
      await server.configure(first + device('a'));
      await server.start();
      await server.initialise();
      await server.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
      await server.call('PUT', 'sys/audit/api', {
        body: { type: 'file', options: { file_path: join(server.folder, 'api.log') } },
      });
      const rows: unknown[] = [];
      const reload = async (what: string, text?: string): Promise<void> => {
        if (text !== undefined) await server.configure(text);
        server.mark();
        server.signal('SIGHUP');
        // Said last, by every server that has a device.
        await until(() => server.lines(/reloading file audit backend: path=api/).length > 0);
        await server.ask('GET', 'sys/health');
        // What either says too much would come now; nothing tells of what does not come.
        await new Promise((resolve) => setTimeout(resolve, 500));
        rows.push([what, told(server), await state(server)]);
      };
      rows.push(await state(server));
      await reload('the same');
      await rename(join(server.folder, 'a.log'), join(server.folder, 'a.old'));
      await reload('a file that was moved away');
      rows.push(existsSync(join(server.folder, 'a.log')));
      const more = 'log_requests_level = "warn"\nraw_storage_endpoint = true\nui = true\ndefault_lease_ttl = "1h"\n';
      await reload('more', plainServer(header('2'), more) + device('a') + device('b'));
      await reload('less', plainServer('', 'log_requests_level = "nothing known"\n') + device('a'));
      const wrong = [device('a', 'description = "other"'), device('a', 'local = true'), device('a') + device('a')];
      wrong.push(device('a').replace('options {', 'options {\nhmac_accessor = "false"\n'));
      wrong.push(device('a').replace('a.log', 'other.log'), device('a').replace('"file"', '"socket"'));
      wrong.push(device('a') + device('api'), device('a').replace('options {', 'options {\nhmac_accessor = false\n'));
      wrong.push('log_level = "nothing known"\n', 'nothing {', 'audit "nothing known" "n" { options {} }\n');
      for (const text of wrong) await reload(text, plainServer() + text);
      await reload('none', plainServer());
      await rm(join(server.folder, 'server.hcl'));
      await reload('a file that is gone');
      return rows;
    });
  },
  WAIT,
);

test(
  'devices that the configuration names no more go at the next start, those of the API stay',
  async () => {
    const seen = await same(async (server) => {
      const text = raftServer('unsafe_allow_api_audit_creation = true');
      const rows: unknown[] = [];
      const start = async (devices: string): Promise<void> => {
        await server.end();
        await server.configure(text + devices);
        server.mark();
        await server.start();
        if (server.root === '') await server.initialise();
        else await server.unseal();
        await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
        const [, listed] = await server.ask('GET', 'sys/audit');
        // Whether a node is a standby for long enough to warn of a device before it is active is chance.
        const said = server.lines(/audit device(?! present in storage)/);
        rows.push([Object.keys((JSON.parse(listed) as { data: object }).data).sort(), said]);
      };
      await start(device('a'));
      const options = { file_path: join(server.folder, 'api.log') };
      rows.push(await server.ask('PUT', 'sys/audit/api', { body: { type: 'file', options } }));
      rows.push(await server.ask('DELETE', 'sys/audit/a'));
      await start(device('a') + device('b'));
      await start(device('b'));
      await start('');
      return rows;
    });
    expect((seen.at(-1) as [string[]])[0]).toEqual(['api/']);
  },
  WAIT,
);

test.each(['SIGTERM', 'SIGINT', 'SIGUSR2'] as const)(
  '%s',
  async (signal) => {
    await same(async (server) => {
      await server.configure(plainServer('', 'pid_file = "@DIR/pid"\n'));
      await server.start();
      await server.initialise();
      const pid = join(server.folder, 'pid');
      await until(() => existsSync(pid));
      await writeFile(join(server.folder, 'mark'), '');
      server.mark();
      server.signal(signal);
      if (signal === 'SIGUSR2') await until(() => server.lines(/\[INFO\]/).length > 0);
      else await until(() => server.exitCode !== null);
      return { code: server.exitCode, pid: existsSync(pid), said: /shutdown triggered/.test(server.printed) };
    });
  },
  WAIT,
);
