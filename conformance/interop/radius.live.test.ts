/** The same logins to the real 2.6.2 and to ours, both asking one FreeRADIUS: the same answers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreeRadius, startFreeRadius } from '../fixtures/freeradius.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import type { Running } from '../targets/target.ts';
import { orSkipped } from './side.ts';

const PASSWORDS = {
  alice: 'alicepw',
  block: '0123456789abcdef',
  long: 'x'.repeat(128),
  'bob@example.com': 'with spaces and pä€s',
};
const WRONG: readonly (readonly [name: string, password: string])[] = [
  ['alice', 'wrong'],
  ['Alice', 'alicepw'],
  ['nobody', 'x'],
  ['block', '0123456789abcdef0'],
];

let radius: FreeRadius | undefined;
const servers: Running[] = [];

beforeAll(
  () =>
    orSkipped(async () => {
      radius = await startFreeRadius(PASSWORDS);
      for (const target of [await realProgram('2.6.2'), oursInProcess()]) {
        const server = await target.start('dev');
        servers.push(server);
        await call(server, 'sys/auth/radius', { type: 'radius' });
      }
    }),
  300_000,
);

afterAll(async () => {
  for (const server of servers) await server.stop();
  await radius?.stop();
});

/** Without what no two servers have in common. */
const canonical = (text: string): string =>
  text
    .replaceAll(/"(request_id|client_token|accessor|entity_id)":"[^"]*"/g, '"$1":""')
    .replaceAll(/127\.0\.0\.1:\d+-/g, '-');

async function call(server: Running, path: string, body: object): Promise<string> {
  const headers = { 'X-Vault-Token': server.token };
  const url = `${server.addresses[0]!}/v1/${path}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return `${response.status} ${canonical(await response.text())}`;
}

test.for([
  ['the usual settings', {}, 200],
  ['a name and a port of its own', { nas_identifier: 'steamer', nas_port: 7 }, 200],
  ['another secret', { secret: 'another' }, 400],
  ['a port where nobody listens', { port: 1 }, 400],
] as const)(
  '%s: who is let in, and who is not, as by 2.6.2',
  { timeout: 120_000 },
  async ([, settings, status], context) => {
    // `orSkipped` has printed why.
    if (radius === undefined) return context.skip();
    const { port, secret } = radius;
    const config = { host: '127.0.0.1', port, secret, nas_identifier: '', nas_port: 10, read_timeout: 1, ...settings };
    const [real, ours] = await Promise.all(
      servers.map(async (server) => {
        const said = [await call(server, 'auth/radius/config', config)];
        for (const [username, password] of [...Object.entries(PASSWORDS), ...WRONG]) {
          said.push(await call(server, 'auth/radius/login', { username, password }));
        }
        return said;
      }),
    );
    expect(ours).toEqual(real);
    const wanted = [204, ...Object.keys(PASSWORDS).map(() => status), ...WRONG.map(() => 400)];
    expect(real!.map((said) => Number(said.slice(0, 3)))).toEqual(wanted);
  },
);
