/** Plays a script to a cluster, and tells what it answered. */
import { describeArchive } from './archive.ts';
import { Normaliser } from './normalise.ts';
import type { Ask, Script } from './script.ts';
import type { Got, Target } from './target.ts';

export interface Line {
  readonly ask: string;
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

const LOOK = 100;
const PATIENCE = 90_000;

export async function play(script: Script, target: Target): Promise<Line[]> {
  return new Player(target).play(script);
}

class Player {
  readonly #target: Target;
  readonly #normaliser: Normaliser;
  readonly #facts = new Map<string, string>();
  readonly #files = new Map<string, Uint8Array>();
  /** Role to node. */
  #roles = new Map<string, string>();

  constructor(target: Target) {
    this.#target = target;
    this.#normaliser = new Normaliser(target);
    for (const [index, share] of target.shares.entries()) this.#facts.set(`share${index + 1}`, share);
  }

  async play(script: Script): Promise<Line[]> {
    const lines: Line[] = [];
    await this.#assign();
    for (const step of script.steps) {
      try {
        if (step.kind === 'event') await this.#event(step.what, step.who);
        else if (step.until !== undefined) await this.#until(step);
        else lines.push(await this.#ask(step));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`after ${lines.length} requests, the last ${lines.at(-1)?.ask}: ${why}`, { cause: error });
      }
    }
    return lines;
  }

  async #ask(ask: Ask): Promise<Line> {
    const got = await this.#send(ask);
    if (ask.keep !== undefined) this.#files.set(ask.keep, got.body);
    for (const [name, at] of ask.captures) this.#facts.set(name, captured(got, at));
    const { status } = got;
    const text = [ask.text, ...ask.headers.map(([name, value]) => `[${name}: ${value}]`)].join(' ');
    const body = isArchive(got.body)
      ? this.#normaliser.rows(describeArchive(got.body))
      : this.#normaliser.body(got.body);
    return {
      ask: text,
      status,
      headers: this.#normaliser.headers(got.headers),
      body: ask.loose && body !== '' ? '(something)' : body,
    };
  }

  async #until(ask: Ask): Promise<void> {
    let got: Got | undefined;
    for (let waited = 0; waited < PATIENCE; waited += LOOK) {
      got = await this.#send(ask);
      if (got.status === ask.until!.status && Buffer.from(got.body).toString().includes(this.#fill(ask.until!.text)))
        return;
      await this.#target.wait(LOOK);
    }
    throw new Error(
      `in vain: until ${ask.text} ${ask.until!.status}; last ${got?.status} ${Buffer.from(got!.body).toString()}`,
    );
  }

  async #send(ask: Ask): Promise<Got> {
    const headers: [string, string][] = ask.headers.map(([name, value]) => [name, this.#fill(value)]);
    const token = ask.as === 'root' ? this.#target.rootToken : this.#fill(ask.as);
    if (ask.as !== 'none') headers.push(['X-Vault-Token', token]);
    const body = ask.send === undefined ? Buffer.from(this.#fill(ask.body ?? '')) : this.#files.get(ask.send)!;
    return this.#target.send(this.#node(ask.who), {
      method: ask.method,
      url: ask.path.startsWith('/') ? ask.path : `/v1/${this.#fill(ask.path)}`,
      headers,
      body: new Uint8Array(body),
    });
  }

  async #event(what: string, who: string): Promise<void> {
    const target = this.#target;
    if (what === 'wait') return target.wait(Number.parseFloat(who) * 1000);
    if (what === 'roles') return this.#assign();
    const node = this.#node(who);
    if (what === 'kill') return target.kill(node);
    if (what === 'stop') return target.stop(node);
    if (what === 'resume') return target.resume(node);
    if (what === 'start') return target.start(node);
    throw new Error(`unknown event ${what}`);
  }

  #node(who: string): string {
    const node = this.#roles.get(who) ?? (/^n\d$/.test(who) ? who : undefined);
    if (node === undefined) throw new Error(`nobody is ${who}`);
    return node;
  }

  /** Finds the active node; the others are standbys in the order of their names. */
  async #assign(): Promise<void> {
    const { nodes } = this.#target;
    const before = this.#roles.get('active');
    let active: string | undefined;
    for (let waited = 0; active === undefined; waited += LOOK) {
      for (const node of nodes) {
        const got = await this.#target.send(node, {
          method: 'GET',
          url: '/v1/sys/health',
          headers: [],
          body: new Uint8Array(),
        });
        if (got.status === 200) active = node;
      }
      if (active === undefined) await this.#target.wait(LOOK);
      if (waited > PATIENCE) throw new Error('no node becomes active');
    }
    const others = nodes.filter((node) => node !== active);
    this.#roles = new Map([['active', active], ...others.map((node, index) => [`s${index + 1}`, node] as const)]);
    const shown = new Map([...this.#roles].map(([role, node]) => [node, role]));
    for (const node of ['n4', 'n5']) if (!nodes.includes(node)) shown.set(node, node);
    this.#normaliser.assign(shown);
    if (before !== undefined && before !== active) this.#roles.set('old', before);
    for (const [role, node] of [...this.#roles, ...nodes.map((name) => [name, name] as const), ['n4', 'n4'] as const]) {
      const { api, cluster } = this.#target.address(node);
      this.#facts.set(`${role}_api`, `http://${api}`).set(`${role}_cluster`, cluster).set(`${role}_id`, node);
    }
  }

  #fill(text: string): string {
    return text
      .replace(/\$(\w+)/g, (_, name: string) => {
        const fact = this.#facts.get(name);
        if (fact === undefined) throw new Error(`nothing is known as $${name}`);
        return fact;
      })
      .replace(/\{\{b64:(.*)\}\}$/, (_, inside: string) => Buffer.from(inside).toString('base64'));
  }
}

const isArchive = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b;

/** `@name` is a header, anything else a path in the JSON body. */
function captured(got: Got, at: string): string {
  if (at.startsWith('@')) return got.headers.find(([name]) => name.toLowerCase() === at.slice(1))?.[1] ?? '';
  let value: unknown = got.body.length === 0 ? undefined : JSON.parse(Buffer.from(got.body).toString());
  for (const key of at.split('.').filter(Boolean)) value = (value as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
