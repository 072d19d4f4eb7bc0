/** What the flags of `server -dev` come to, ours and the real server's side by side. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BesideServer, same, until } from './beside.ts';

const WAIT = 60_000;
const COMMON = ['-dev-listen-address=127.0.0.1:@P0', '-dev-no-store-token'];
const QUIET =
  /\[(INFO|DEBUG|TRACE)\]|^(Cgo|Go Version|Version|Version Sha|Environment Variables|(?:Unseal|Recovery) Key):/;

/** All that both say, in an order that does not matter. */
const told = (server: BesideServer): readonly string[] =>
  server
    .lines(/./)
    .map((line) => line.trim().replace(/(ADDRESS",? cluster address: "|Cluster Address: https:\/\/).*?(?=["]|$)/, '$1'))
    .filter((line) => line !== '' && !QUIET.test(line))
    .sort();

test.each([
  ['-dev-ha', '-dev-root-token-id=root'],
  ['-dev-auto-seal', '-dev-root-token-id=root'],
  ['-dev', '-dev-root-token-id=root', '-dev-latency=2', '-dev-latency-jitter=10'],
  ['-dev-latency=2'],
  ['-dev', '-dev-latency=x'],
  ['-dev', '-dev-root-token-id=root', '-dev-kv-v1'],
  ['-dev', '-dev-root-token-id=a.b'],
  ['-dev', '-dev-root-token-id=root', '-dev-plugin-init', '-dev-plugin-dir=@DIR/empty'],
  ['-dev', '-dev-plugin-dir=@DIR/none'],
  ['-dev', '-dev-plugin-dir=@DIR/cert.pem'],
  ['-dev', '-dev-cluster-json=@DIR/none/c.json'],
  ['-dev', '-dev-root-token-id=root', '-dev-cluster-json=@DIR/c.json', '-namespace=x', '-address=y', '-mfa=a'],
  ['-dev', '-test-verify-only'],
  ['-dev', '-recovery'],
  ['-dev', '-dev-root-token-id=root', 'word', '-zzz', '-'],
  ['-dev', '-zzz=1', '-yyy'],
  ['word', '-dev', '--x'],
  ['-config=@DIR/empty'],
  ['-config=@DIR/mlock.hcl'],
  ['-dev', '-log-rotate-max-files=x'],
  ['-dev-root-token-id=root', '-config=@DIR/plain.hcl'],
])(
  '%j %j %j',
  async (...flags) => {
    const [lines] = await same(async (server) => {
      await mkdir(join(server.folder, 'empty'));
      await writeFile(
        join(server.folder, 'plain.hcl'),
        server.filled('storage "inmem" {}\nlistener "tcp" {\n  address = "127.0.0.1:@P0"\n  tls_disable = true\n}\n'),
      );
      await writeFile(join(server.folder, 'mlock.hcl'), 'disable_mlock = false\n');
      await server.start([...COMMON, ...flags]);
      await until(() => server.exitCode !== null || /NOT be used in\s+production/.test(server.printed));
      const written = await readFile(join(server.folder, 'c.json'), 'utf8').catch(() => '');
      const ends = server.exitCode;
      if (ends === null) server.root = 'root';
      const health = ends === null ? await server.call('GET', 'secret/config') : undefined;
      return [
        told(server),
        ends,
        health?.status,
        health?.headers['content-type'],
        written.replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS'),
      ];
    });
    expect(lines.length).toBeGreaterThan(0);
  },
  WAIT,
);
