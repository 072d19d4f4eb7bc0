/** Requests with and without client certificates, as OpenBao 2.7.2 answered them (testdata/cert/requests.jsonl). */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { fileURLToPath } from 'node:url';

export const certFolder = fileURLToPath(new URL('testdata/cert', import.meta.url));
const read = (name: string): string => readFileSync(`${certFolder}/${name}`, 'utf8');

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Which client certificate is shown. */
  readonly certificate?: string;
  /** Nobody, or with the token that an earlier step gave; root unless said. */
  readonly as?: 'nobody' | number;
  readonly status: number;
  readonly answer?: unknown;
}

const steps = (): Step[] =>
  read('requests.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);

const PARTS: Readonly<Record<string, string>> = { crl: 'client.crl', empty: 'empty.crl' };

/** `{{ca}}` stands for the file of that name. */
const filled = (body: unknown): string =>
  JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'string'
      ? value.replace(/\{\{(\w+)\}\}/g, (__, name: string) => read(PARTS[name] ?? `${name}.pem`))
      : value,
  );

const VOLATILE = new Set(['request_id', 'client_token', 'accessor', 'entity_id', 'lease_id', 'uuid']);

/** Without what is different each time. */
const clean = (text: string): unknown =>
  text === ''
    ? undefined
    : JSON.parse(text.replace(/current time [0-9TZ:-]+/g, 'current time NOW'), (key, value: unknown) =>
        VOLATILE.has(key) ? undefined : value,
      );

/** Plays all of it against a server that has nothing mounted yet; what was answered otherwise, a line each. */
export async function playCertLogins(origin: string, root: string): Promise<string[]> {
  const agents = new Map<string, Agent>();
  const ca = read('srv.pem');
  const agentOf = (name = ''): Agent => {
    const own = name === '' ? {} : { cert: read(`${name}.pem`), key: read(`${name}.key`) };
    const agent = agents.get(name) ?? new Agent({ keepAlive: true, ca, servername: 'localhost', ...own });
    agents.set(name, agent);
    return agent;
  };
  const ask = (step: Step, token: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = token === '' ? {} : { 'X-Vault-Token': token };
      const options = { method: step.method, agent: agentOf(step.certificate), headers };
      const sent = request(`${origin}/v1/${step.path}`, options, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: text.trim() }));
      });
      sent.on('error', reject);
      sent.end(step.body === undefined ? undefined : filled(step.body));
    });

  const tokens: string[] = [];
  const differences: string[] = [];
  const mount: Step = { method: 'POST', path: 'sys/auth/cert', body: { type: 'cert' }, status: 204 };
  await ask(mount, root);
  try {
    for (const [index, step] of steps().entries()) {
      const token = step.as === undefined ? root : step.as === 'nobody' ? '' : tokens[step.as]!;
      const { status, text } = await ask(step, token);
      tokens[index] = /"client_token":"([^"]*)"/.exec(text)?.[1] ?? '';
      const [got, wanted] = [JSON.stringify([status, clean(text)]), JSON.stringify([step.status, step.answer])];
      if (sorted(got) !== sorted(wanted))
        differences.push(
          `${index} ${step.method} ${step.path} ${JSON.stringify(step.body)} ${step.certificate}: ${got}`,
        );
    }
  } finally {
    for (const agent of agents.values()) agent.destroy();
  }
  return differences;
}

const sorted = (json: string): string =>
  JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** Asks until the server is there and agrees; the decoded answer. */
export async function pollTls(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const ca = read('srv.pem');
  for (let attempt = 0; ; attempt++) {
    try {
      return await new Promise((resolve, reject) => {
        const sent = request(`${origin}/v1/${path}`, { method, ca, servername: 'localhost' }, (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve(JSON.parse(text) as Record<string, unknown>);
            else reject(new Error(`${path}: ${answer.statusCode} ${text}`));
          });
        });
        sent.on('error', reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
      });
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
