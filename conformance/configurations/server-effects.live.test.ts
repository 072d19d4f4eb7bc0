/** What the settings of a whole server do, ours and the real server's side by side. */
import { expect, test } from 'vitest';
import { plainServer, raftServer, same, until } from './beside.ts';

const WAIT = 120_000;

test.each([['info'], ['WARN'], [' error '], ['off'], ['notice'], ['nothing known']])(
  'log_requests_level = "%s"',
  async (level) => {
    const seen = await same(async (server) => {
      await server.configure(plainServer('', `ui = true\nlog_level = "trace"\nlog_requests_level = "${level}"`));
      await server.start();
      const warned = server.lines(/invalid log_requests_level/);
      await server.initialise();
      await server.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
      const known = warned.length === 0;
      if (known) await until(() => server.lines(/mounts\/kv request_method=PUT/).length > 0);
      server.mark();
      await server.call('PUT', 'kv/a?x=1', { body: { a: 1 } });
      await server.call('GET', 'kv/none', { token: 'bad' });
      await server.call('GET', 'sys/health', { headers: { 'X-Forwarded-For': '1.2.3.4, 5.6.7.8' } });
      for (const path of ['/ui/', '/nowhere', '/', 'sys//health', '/robots.txt', 'kv/a%20b', 'kv/../kv/a']) {
        await server.call('GET', path);
      }
      await server.call('LIST', 'kv/');
      await server.call('GET', 'sys/mounts', { headers: { 'X-Vault-Namespace': 'nowhere' } });
      await server.call('POST', 'kv/a', { body: '{' });
      await server.call('OPTIONS', 'sys/mounts');
      await server.call('DELETE', 'kv/a');
      if (known) await until(() => server.lines(/request_method=DELETE/).length > 0);
      const lines = server.lines(/completed_request/);
      return {
        warned,
        lines: lines.map((line) => line.replace(/start_time=\S+Z duration=\d+ms/, 'start and duration')),
      };
    });
    expect(seen.lines.length > 0).toBe(seen.warned.length === 0);
  },
  WAIT,
);

test.each([
  ['default_max_request_duration = "7s"', '', '7s'],
  ['default_max_request_duration = "7s"', 'max_request_duration = "8s"', '8s'],
  ['', '', '1m30s'],
])(
  'how long a request may take: %s %s',
  async (top, listener, wanted) => {
    const seen = await same(async (server) => {
      await server.configure(plainServer(listener, top));
      await server.start();
      return /max_request_duration: "(.*?)"/.exec(server.printed)?.[1];
    });
    expect(seen).toBe(wanted);
  },
  WAIT,
);

/** What both servers measure while little is asked of them, in the form that forgets nothing. */
const measured =
  /^(?:own|vault)_(?:barrier_[gp][eu]t|core_unsealed|token_(?:creation|lookup)|route_read_kv_|audit_log_request)(?=[{ ])/;

test.each([
  ['metrics_prefix = "own"'],
  ['prefix_filter = ["-vault.route", "-vault.core"]'],
  ['prefix_filter = ["-vault", "+vault.token"]'],
  ['filter_default = false\nprefix_filter = ["+vault.core.unsealed"]'],
  ['metrics_prefix = "own"\nprefix_filter = ["-own.barrier", "-vault.token"]'],
  ['enable_hostname_label = true'],
])(
  'telemetry { %s }',
  async (telemetry) => {
    const seen = await same(async (server) => {
      await server.configure(plainServer('', `telemetry {\n disable_hostname = true\n ${telemetry}\n}`));
      await server.start();
      await server.initialise();
      await server.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
      await server.call('GET', 'kv/a');
      await server.call('POST', 'auth/token/create', { body: {} });
      const { text } = await server.call('GET', 'sys/metrics?format=prometheus');
      const lines = text.split('\n').filter((line) => measured.test(line));
      const names = [...new Set(lines.map((line) => measured.exec(line)?.[0] ?? ''))].sort();
      return { names, hosts: [...new Set(lines.map((line) => /host="(.*?)"/.exec(line)?.[1]))] };
    });
    expect(seen.names.length).toBeGreaterThan(0);
  },
  WAIT,
);

test(
  'what is reloaded and tidied, and how autopilot judges, is in the log',
  async () => {
    const lines = await same(async (server) => {
      await server.configure(raftServer(''));
      await server.start();
      await server.initialise();
      await server.ask('POST', 'sys/auth/people', { body: { type: 'userpass' } });
      await server.ask('POST', 'sys/mounts/kv', { body: { type: 'kv' } });
      for (const body of [{ plugin: 'userpass' }, { plugin: 'kv' }, { mounts: ['auth/people', 'kv'] }])
        await server.ask('PUT', 'sys/plugins/reload/backend', { body });
      const body = { max_trailing_logs: 7, last_contact_threshold: '90s' };
      await server.ask('POST', 'sys/storage/raft/autopilot/configuration', { body });
      await server.ask('POST', 'auth/token/create', { body: { ttl: '1h' } });
      await server.ask('POST', 'sys/leases/tidy');
      await until(() => server.lines(/finished tidy operation on leases/).length > 0);
      const told = server.lines(/reloaded plugin|expiration\.tidy|ing autopilot|updated autopilot/);
      return told.map((line) => line.replace(/_[0-9a-f]{8}/, '_ACCESSOR'));
    });
    expect(lines.length).toBe(12);
  },
  WAIT,
);
