/** Plays a case on a running server. */
import type { Case, Signer, Step } from './case.ts';
import { stepText } from './case.ts';
import type { Exchange } from './canonical.ts';
import { Conversation } from './conversation.ts';
import type { Answer, Request } from './client.ts';
import { acmeBody, nonceOf, nonceRequest } from './acme/request.ts';
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
  const told = new Conversation(steps, running, known);
  let began = performance.now();
  try {
    for (let step = told.step; step !== undefined; step = told.step) {
      if (step.wait !== undefined) {
        await pause(step.wait);
        began += step.wait;
      }
      const client = clients[step.node ?? 0]!;
      const { request } = told;
      const { jws } = step;
      const ask = async () =>
        client.send(
          jws === undefined ? request : await acmeRequest(client, request, jws, told.fill(jws.account ?? '')),
        );
      const answer = await (step.method === 'VISIT' ? visit(request.path) : askUntil(told, ask));
      if (answer.status === 0 && !(await answers(client))) throw new TargetDied(name, stepText(step), told.exchanges);
      told.hear(answer, (performance.now() - began) / 1000);
    }
    return told.exchanges;
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

async function askUntil(told: Conversation, ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    const again = told.askAgain(answer);
    if (again === undefined || Date.now() > deadline) return answer;
    await pause(again);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The request with its body signed, with a fresh nonce. */
async function acmeRequest(client: Client, request: Request, jws: Signer, account: string): Promise<Request> {
  const nonce = nonceOf(await client.send(nonceRequest(request)));
  return acmeBody(client.address, request, jws, account, nonce);
}
