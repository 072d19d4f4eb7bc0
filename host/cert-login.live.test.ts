/** What the recorded answers to logins with client certificates are held against: the real server, over TLS. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baoProgram, freePort } from '../conformance/program.ts';
import { certFolder, playCertLogins, pollTls } from './cert-login.fixture.ts';

test('the real server still answers logins with client certificates as recorded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-cert-'));
  const port = await freePort();
  const origin = `https://127.0.0.1:${port}`;
  const config = join(folder, 'bao.hcl');
  await writeFile(
    config,
    `storage "inmem" {}\nlistener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_cert_file = "${certFolder}/srv.pem"\n  tls_key_file = "${certFolder}/srv.key"\n}\napi_addr = "${origin}"\n`,
  );
  const server = spawn(await baoProgram(), ['server', `-config=${config}`], { stdio: 'ignore' });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  try {
    const { root_token: root, keys } = await pollTls(origin, 'PUT', 'sys/init', {
      secret_shares: 1,
      secret_threshold: 1,
    });
    await pollTls(origin, 'PUT', 'sys/unseal', { key: (keys as string[])[0] });
    await pollTls(origin, 'GET', 'sys/health');
    // One entry has an extension rule without a colon, on which the real server panics: it is not among the requests.
    expect(await playCertLogins(origin, root as string)).toEqual([]);
  } finally {
    server.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
});
