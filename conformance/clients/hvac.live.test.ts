/** The Python client: installed by name into the cache, and told the same by both servers. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { startServer } from '../../embed/index.ts';
import { pipInstalled } from '../cached.ts';
import { orSkipped } from '../interop/side.ts';
import { baoProgram, freePort, startProgram } from '../program.ts';
import { toldByProgram, type Told } from './told.ts';

const VERSION = '2.4.0';
const SCRIPTS = ['hvac_script.py', 'hvac_logins.py'].map((name) => fileURLToPath(new URL(name, import.meta.url)));

let bao: string | undefined;
let folder = '';

beforeAll(
  () =>
    orSkipped(async () => {
      folder = await pipInstalled(`hvac-${VERSION}`, [`hvac==${VERSION}`]);
      bao = await baoProgram();
    }),
  // Installing takes its time.
  300_000,
);

const told = (address: string, script: string): Promise<readonly Told[]> =>
  toldByProgram('python3', [script], {
    BAO_ADDR: address,
    PYTHONPATH: folder,
    PYTHONWARNINGS: 'ignore',
    PYTHONDONTWRITEBYTECODE: '1',
  });

test('hvac is told the same by both servers', async (context) => {
  // `orSkipped` has printed why: no Python, no package, or no real server.
  if (bao === undefined) return context.skip();
  const port = await freePort();
  const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  const real = await startProgram(bao, ['server', ...flags], port);
  await using ours = await startServer();
  try {
    for (const script of SCRIPTS) {
      const expected = await told(real.address, script);
      expect(expected.length).toBeGreaterThan(70);
      expect(await told(ours.address, script)).toEqual(expected);
    }
  } finally {
    await real.stop();
  }
});
