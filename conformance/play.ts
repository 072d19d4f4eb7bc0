/** Plays a case on a running server. */
import type { Capture, Case, Signer, Step } from './case.ts';
import { stepText } from './case.ts';
import type { Exchange, Json } from './canonical.ts';
import { Canonicaliser, parseKeepingNumbers } from './canonical.ts';
import type { Answer, Request } from './client.ts';
import { keyNamed, signed } from './acme/jws.ts';
import { Client } from './client.ts';
import { type RunningService, startService } from './services/service.ts';
import type { Running, Target } from './targets/target.ts';

/** How long a step with `until` is asked again, in ms. */
const PATIENCE = 10_000;

/** A target that stopped answering in the middle; what it answered before is kept. */
export class TargetDied extends Error {
  readonly exchanges: readonly Exchange[];
  constructor(target: string, about: string, exchanges: readonly Exchange[]) {
    super(`${target} died: ${about}`);
    this.exchanges = exchanges;
  }
}

/** On a fresh server of the target. Rejects with TargetDied. */
export async function playFresh(target: Target, played: Case): Promise<Exchange[]> {
  const running = await target.start(played.server);
  let service: RunningService | undefined;
  try {
    service = played.service === undefined ? undefined : await startService(played.service);
    return await play(
      target.name,
      running,
      played.steps,
      service === undefined ? {} : { service: service.address, port: new URL(service.address).port, ...service.known },
    );
  } finally {
    await running.stop();
    await service?.stop();
  }
}

/** `known` is what stands for `$name` from the start. */
export async function play(
  name: string,
  running: Running,
  steps: readonly Step[],
  known: Readonly<Record<string, string>> = {},
): Promise<Exchange[]> {
  const clients = running.addresses.map((address) => new Client(address));
  const canonical = new Canonicaliser(running.addresses, running.version, running.advertised);
  const values = new Map<string, string>([['server', running.addresses[0]!], ...Object.entries(known)]);
  const exchanges: Exchange[] = [];
  let began = performance.now();
  try {
    for (const step of steps) {
      if (step.wait !== undefined) {
        await pause(step.wait);
        began += step.wait;
      }
      const client = clients[step.node ?? 0]!;
      const request = requestOf(step, running.token, values);
      const ask = async () =>
        client.send(step.jws === undefined ? request : await acmeRequest(client, request, step.jws, values));
      const answer = await (step.method === 'VISIT' ? visit(request.path) : askUntil(step, ask));
      if (answer.status === 0 && !(await answers(client))) throw new TargetDied(name, stepText(step), exchanges);
      const played = (performance.now() - began) / 1000;
      exchanges.push({ ...canonical.exchange(stepText(step), request.path, answer), played });
      const body = parseKeepingNumbers(answer.body);
      for (const capture of step.captures)
        values.set(capture.name, captured(capture, answer, body) ?? `no-${capture.name}`);
    }
    return exchanges;
  } finally {
    for (const client of clients) client.close();
  }
}

/** A page of somebody else's; no answer where nobody said which. */
async function visit(url: string): Promise<Answer> {
  if (!URL.canParse(url)) return { status: 0, headers: [], body: '' };
  const { origin, pathname, search } = new URL(url);
  const client = new Client(origin);
  try {
    const { status, body } = await client.send({
      method: 'GET',
      path: pathname + search,
      headers: [],
      body: undefined,
    });
    return { status, headers: [], body };
  } finally {
    client.close();
  }
}

async function answers(client: Client): Promise<boolean> {
  return (await client.send({ method: 'GET', path: '/v1/sys/seal-status', headers: [], body: undefined })).status !== 0;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A KV of version 2 says this for some milliseconds after it was mounted; how many is chance. */
export const MOUNTING = 'Upgrading from non-versioned to versioned data';

async function askUntil({ until }: Step, ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (Date.now() > deadline) return answer;
    if (answer.body.includes(MOUNTING)) {
      await pause(5);
      continue;
    }
    if (until === undefined) return answer;
    const found = until.at[0] === 'status' ? String(answer.status) : textAt(parseKeepingNumbers(answer.body), until.at);
    if (found === until.value) return answer;
    await pause(50);
  }
}

function captured(
  { at, source, last }: Capture,
  { headers, body }: Answer,
  json: Json | undefined,
): string | undefined {
  if (source === 'pem') {
    const found = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(body)?.[1];
    return found === undefined ? undefined : Buffer.from(found, 'base64').toString('base64url');
  }
  const value =
    source === undefined
      ? textAt(json, at)
      : headers.find(([name]) => name.toLowerCase() === source.header.toLowerCase())?.[1];
  return last ? value?.split('/').at(-1) : value;
}

/** The request with its body signed, with a nonce of the directory that it is about. */
async function acmeRequest(client: Client, request: Request, jws: Signer, values: ReadonlyMap<string, string>) {
  const path = request.path.replace(/(\/acme\/).*$/, '$1new-nonce');
  const asked = await client.send({ method: 'HEAD', path, headers: [], body: undefined });
  const nonce = asked.headers.find(([name]) => name.toLowerCase() === 'replay-nonce')?.[1] ?? 'none';
  const key = keyNamed(jws.key);
  const who = jws.account === undefined ? { jwk: key.jwk } : { kid: fill(jws.account, values) };
  const header = { alg: key.alg, nonce, url: client.address + request.path, ...who };
  const headers = [
    ...request.headers.filter(([name]) => name.toLowerCase() !== 'content-type'),
    ['Content-Type', 'application/jose+json'] as const,
  ];
  return { ...request, headers, body: JSON.stringify(signed(key, header, request.body?.toString())) };
}

const fill = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(/\$([a-z]\w*)/g, (all, name: string) => values.get(name) ?? all);

function requestOf(step: Step, root: string, values: ReadonlyMap<string, string>) {
  const filled = (text: string): string => fill(text, values);
  const token = step.as === 'root' ? root : step.as === 'none' ? '' : filled(step.as);
  const headers = step.headers.map(([name, value]) => [name, filled(value)] as const);
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const usual = step.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return {
    method: step.method,
    path: filled(step.path.startsWith('/') || step.method === 'VISIT' ? step.path : `/v1/${step.path}`),
    headers: [
      ...(token === '' ? [] : [['X-Vault-Token', token] as const]),
      ...(step.body === undefined || step.bytes || typed ? [] : [['Content-Type', usual] as const]),
      ...headers.filter(([, value]) => value !== 'none'),
    ],
    body: step.body === undefined ? undefined : sent(filled(step.body), step),
  };
}

/** A line break can only stand in a string of the body. */
const sent = (body: string, { bytes }: Step): string | Uint8Array =>
  bytes ? Buffer.from(body, 'base64') : body.replaceAll('\n', String.raw`\n`);

/** A scalar within a body, as text. Numbers in a path are places in lists; 'first' is an object's first key. */
function textAt(body: Json | undefined, at: readonly string[]): string | undefined {
  let value: Json | undefined = body;
  for (const key of at) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, Json>)[key];
  }
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
