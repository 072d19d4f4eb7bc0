import { expect, test } from 'vitest';
import { nodePump } from '../../host/pump.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { MILLISECOND, type Runtime, SECOND } from '../../core/runtime.ts';
import { constant } from '../distribution.ts';
import { serveGreetings, serveNames } from './names.ts';
import { Bench } from '../testing.ts';

/** What a program told in the end, with a DNS server and a server that is greeted beside it. */
async function told(program: (runtime: Runtime) => Promise<unknown>, delay = 0): Promise<unknown> {
  const bench = new Bench(portableCrypto(), '1', {});
  bench.run('dns', (runtime) => {
    serveNames(runtime, 'dns:53', new Map([['_acme-challenge.a', ['x', 'y']]]));
  });
  bench.run('a', (runtime) => {
    serveGreetings(runtime, 'a:443', ({ protocol, serverName }) =>
      serverName === 'a' ? { protocol, certificates: [Uint8Array.of(1, 2)] } : undefined,
    );
  });
  if (delay > 0) bench.network.clog('dns', 'n1', constant(delay));
  let said: unknown;
  bench.run('n1', async (runtime) => {
    await runtime.clock.sleep(SECOND);
    said = await program(runtime).catch((error: unknown) => (error as Error).message);
  });
  await nodePump(bench.world, () => said !== undefined || bench.world.now > 30 * SECOND);
  return said;
}

test('the texts of a name are had from the usual server, and from the one that is said', async () => {
  expect(await told(({ names }) => names!.texts('_acme-challenge.a', '', SECOND))).toEqual(['x', 'y']);
  expect(await told(({ names }) => names!.texts('_acme-challenge.a', 'dns:53', SECOND))).toEqual(['x', 'y']);
});

test('a name without texts, and a server that is not there', async () => {
  expect(await told(({ names }) => names!.texts('b', '', SECOND))).toBe('lookup b on dns:53: no such host');
  expect(await told(({ names }) => names!.texts('b', 'a:53', SECOND))).toMatch(/^lookup b on dns:53: .*refused$/);
});

test('the time that the connection took is part of the patience', async () => {
  const texts = ({ names }: Runtime) => names!.texts('_acme-challenge.a', '', SECOND);
  expect(await told(texts, 400 * MILLISECOND)).toEqual(['x', 'y']);
  expect(await told(texts, 600 * MILLISECOND)).toBe('lookup _acme-challenge.a on dns:53: i/o timeout');
});

test('a server shows what it has to who greets it, or hangs up', async () => {
  const greet = (serverName: string) => (runtime: Runtime) =>
    runtime.streams!.greet!('a:443', { protocol: 'acme-tls/1', serverName }, SECOND);
  expect(await told(greet('a'))).toEqual({ protocol: 'acme-tls/1', certificates: [Uint8Array.of(1, 2)] });
  expect(await told(greet('b'))).toBe('EOF');
});
