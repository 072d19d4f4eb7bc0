/** What random policies allow on random paths, by ours and by the real server: thousands of pairs. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Client } from './client.ts';
import type { PolicySample } from './random-policies.ts';
import { policySamples } from './random-policies.ts';
import { oursInProcess } from './targets/ours.ts';
import { realProgram } from './targets/program.ts';
import type { Target } from './targets/target.ts';

/** STEAMER_GOLDEN=1 keeps the first of the real server's answers, which hold ours offline. */
const golden = fileURLToPath(new URL('../core/server/policy/capabilities.golden.json', import.meta.url));
const KEPT = 30;
const SAMPLES = 150;

type Answers = Readonly<Record<string, readonly string[]>>;

/** Of the answers what is read here. */
interface Sent {
  readonly auth?: { readonly client_token: string };
  readonly data?: Answers;
}

/** For each sample the capabilities by path. */
async function ask(target: Target, samples: readonly PolicySample[]): Promise<Answers[]> {
  const server = await target.start('dev');
  const client = new Client(server.addresses[0]!);
  const send = async (method: string, path: string, body: object): Promise<Sent> => {
    const headers = [['X-Vault-Token', server.token]] as const;
    const answer = await client.send({ method, path: `/v1/${path}`, headers, body: JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === '' ? {} : JSON.parse(answer.body)) as Sent;
  };
  try {
    const all: Answers[] = [];
    for (const [i, { policies, paths }] of samples.entries()) {
      const names = policies.map((_, n) => `p${i}-${n}`);
      for (const [n, policy] of policies.entries()) await send('PUT', `sys/policies/acl/${names[n]}`, { policy });
      const made = await send('POST', 'auth/token/create', { policies: names, no_default_policy: true });
      const token = made.auth!.client_token;
      const { data } = await send('POST', 'sys/capabilities', { token, paths });
      all.push(Object.fromEntries(paths.map((path) => [path, data![path]!])));
    }
    return all;
  } finally {
    client.close();
    await server.stop();
  }
}

test('capabilities of random policies are the real server’s', { timeout: 300_000 }, async () => {
  const samples = policySamples(Number(process.env['STEAMER_SEED'] ?? 7), SAMPLES);
  const real = await ask(await realProgram('2.7.2'), samples);
  if (process.env['STEAMER_GOLDEN'] !== undefined) {
    const rows = samples.slice(0, KEPT).map(({ policies }, i) => JSON.stringify({ policies, capabilities: real[i] }));
    writeFileSync(golden, `[\n  ${rows.join(',\n  ')}\n]\n`);
  }
  expect(await ask(oursInProcess(), samples)).toEqual(real);
  expect(samples.flatMap(({ paths }) => paths).length).toBeGreaterThan(3_000);
});
