/** An account at an authority, and its orders: from a name to a certificate (RFC 8555 §7). */
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type { Log } from '../../core/runtime.ts';
import { certificateRequest } from '../certificate.ts';
import type { AcmeCache, Stored } from './cache.ts';
import type { AcmeChallenges, ProofPlace } from './challenges.ts';
import { AcmeError, LOGGER, showProblem, told } from './client.ts';
import type { AcmeClient, Authorization, Challenge, Order } from './client.ts';
import { accountBinding, keyFromPem, keyPem, makeKey, thumbprint } from './keys.ts';
import type { KeyType } from './keys.ts';

export interface OrderSettings {
  /** The URL of its directory. */
  readonly directory: string;
  readonly email: string;
  readonly binding?: { readonly keyId: string; readonly macKey: string };
  readonly keyType: KeyType;
  /** Kinds of challenges, in the order in which they are tried. */
  readonly kinds: readonly ('http-01' | 'tls-alpn-01')[];
  readonly place: ProofPlace;
}

interface Attempt {
  readonly name: string;
  /** Of the authorization. */
  readonly url: string;
  readonly challenge: Challenge;
  readonly order: string;
}

interface Account {
  readonly key: KeyObject;
  /** Its URL. */
  readonly location: string;
}

const WAIT = 250;
/** Milliseconds. */
const PATIENCE = 150_000;

export class AcmeOrders {
  readonly #client: AcmeClient;
  readonly #cache: AcmeCache;
  readonly #challenges: AcmeChallenges;
  readonly #settings: OrderSettings;
  readonly #log: Log;

  constructor(client: AcmeClient, cache: AcmeCache, challenges: AcmeChallenges, settings: OrderSettings, log: Log) {
    this.#client = client;
    this.#cache = cache;
    this.#challenges = challenges;
    this.#settings = settings;
    this.#log = log;
  }

  get #email(): string {
    return this.#settings.email.toLowerCase();
  }

  /** How files and the log name the authority. */
  get issuer(): string {
    return issuerOf(this.#settings.directory);
  }

  /** Rejects with AcmeError. */
  async certificate(name: string): Promise<Stored> {
    const account = await this.#account();
    const about = { identifiers: [name], ca: this.#settings.directory, account: this.#email };
    this.#log.write('info', LOGGER, 'waiting on internal rate limiter', about);
    this.#log.write('info', LOGGER, 'done waiting on internal rate limiter', about);
    this.#log.write('info', LOGGER, 'using ACME account', {
      account_id: account.location,
      account_contact: contactOf(this.#email),
    });
    try {
      return await this.#ordered(account, name);
    } catch (error) {
      throw told('', error, ` (ca=${this.#settings.directory})`);
    }
  }

  async #ordered(account: Account, name: string): Promise<Stored> {
    const { newOrder } = await this.#client.directory();
    const identifiers = [{ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }];
    const kinds = [...this.#settings.kinds];
    for (;;) {
      const made = await this.#post<Order>(account, newOrder, { identifiers }, `[${name}] creating new order: `);
      const failure = await this.#proved(account, name, made.body, made.location, kinds);
      if (failure === undefined) return this.#finalized(account, name, made.body, made.location);
      if (kinds.length === 0) throw failure;
    }
  }

  async #post<T>(account: Account, url: string, payload: object | undefined, before: string) {
    try {
      return await this.#client.post<T>(account.key, account.location, url, payload);
    } catch (error) {
      throw told(before, error);
    }
  }

  /** What was left out of the cache is made, and kept there. */
  async #account(): Promise<Account> {
    const { binding } = this.#settings;
    const email = this.#email;
    const kept = await this.#cache.account(email);
    const location = /"location":\s*"([^"]+)"/.exec(kept.json ?? '')?.[1];
    if (kept.key !== undefined && location !== undefined) return { key: keyFromPem(kept.key), location };
    const missing = {
      email,
      ca: this.#settings.directory,
      error: `open ${kept.path}: no such file or directory`,
    };
    const unknown = 'creating new account because no account for configured email is known to us';
    this.#log.write('info', LOGGER, unknown, missing);
    const contact = contactOf(email);
    const empty = 'ACME account has empty status; registering account with ACME server';
    this.#log.write('info', LOGGER, empty, { contact, location: '' });
    // Upstream's library looks for it once more before it asks.
    this.#log.write('info', LOGGER, unknown, missing);
    const key = makeKey('p256');
    let made;
    let bound: { readonly externalAccountBinding?: object } = {};
    try {
      const { newAccount } = await this.#client.directory();
      if (binding !== undefined) {
        const mac = macOf(binding.macKey);
        bound = { externalAccountBinding: accountBinding(key, binding.keyId, mac, newAccount) };
      }
      made = await this.#client.post<Readonly<Record<string, unknown>>>(key, '', newAccount, {
        ...(email === '' ? {} : { contact }),
        termsOfServiceAgreed: true,
        ...bound,
      });
    } catch (error) {
      throw told(
        error instanceof AcmeError && error.type === 'local'
          ? ''
          : `registering account [${contact.join(' ')}] with server: `,
        error,
      );
    }
    const { status = 'valid', contact: contacts = contact, orders } = made.body;
    const about = {
      status,
      ...(email === '' ? {} : { contact: contacts }),
      termsOfServiceAgreed: true,
      ...bound,
      ...(orders === undefined ? {} : { orders }),
      location: made.location,
    };
    await this.#cache.keepAccount(email, keyPem(key), about);
    this.#log.write('info', LOGGER, 'new ACME account registered', { contact, status });
    return { key, location: made.location };
  }

  /** Takes one kind out of those that are left. Undefined: the name is proved. */
  async #proved(
    account: Account,
    name: string,
    order: Order,
    location: string,
    kinds: ('http-01' | 'tls-alpn-01')[],
  ): Promise<AcmeError | undefined> {
    const where = `(order=${location})`;
    for (const url of order.authorizations) {
      const { body } = await this.#post<Authorization>(account, url, undefined, `[${name}] fetching authorization: `);
      if (body.status === 'valid') continue;
      const offered = body.challenges.map(({ type }) => type);
      const at = kinds.findIndex((kind) => offered.includes(kind));
      if (at < 0) {
        const configured = this.#settings.kinds.join(' ');
        const all = offered.join(' ');
        const reason = `no solvers available for remaining challenges (configured=[${configured}] offered=[${all}] remaining=[${all}])`;
        kinds.length = 0;
        return new AcmeError(`[${name}] solving challenges: ${name}: ${reason} ${where}`);
      }
      const [kind] = kinds.splice(at, 1) as ['http-01' | 'tls-alpn-01'];
      const challenge = body.challenges.find(({ type }) => type === kind)!;
      const failure = await this.#solved(account, { name, url, challenge, order: location });
      if (failure !== undefined) {
        const text = `[${name}] solving challenge: ${name}: [${name}] authorization failed: ${failure}`;
        return new AcmeError(text, '', failure);
      }
    }
    return undefined;
  }

  /** What the authority says, where it is not convinced. */
  async #solved(account: Account, { name, url, challenge, order }: Attempt): Promise<string | undefined> {
    const { type, token } = challenge;
    const client = `${LOGGER}..acme_client`;
    const about = { identifier: name, challenge_type: type, ca: this.#settings.directory };
    this.#log.write('info', client, 'trying to solve challenge', about);
    const authorization = `${token}.${thumbprint(account.key)}`;
    const proof = { type: type as 'http-01' | 'tls-alpn-01', name, token, authorization };
    await this.#cache.tellChallenge(name, { ...challenge, keyAuthorization: authorization });
    try {
      return await this.#challenges.showing(proof, this.#settings.place, async () => {
        await this.#post(account, challenge.url, {}, `[${name}] initiating challenge with server: `);
        const { body } = await this.#settled<Authorization>(account, url, ({ status }) => status !== 'pending');
        if (body.status === 'valid') {
          const done = { identifier: name, authz_status: body.status };
          this.#log.write('info', client, 'authorization finalized', done);
          return undefined;
        }
        const { error = {} } = body.challenges.find((one) => one.type === type) ?? {};
        const { type: kind = '', detail = '' } = error;
        const problem = [`type=${kind}`, 'title=', `detail=${detail}`, 'instance=', 'subproblems=[]'];
        this.#log.write('error', client, 'challenge failed', { identifier: name, challenge_type: type, problem });
        const where = { problem, order, attempt: 1, max_attempts: 3 };
        this.#log.write('error', client, 'validating authorization', where);
        return `HTTP 0${showProblem(error)}`;
      });
    } finally {
      await this.#cache.tellChallenge(name, undefined);
    }
  }

  async #finalized(account: Account, name: string, order: Order, location: string): Promise<Stored> {
    const client = `${LOGGER}..acme_client`;
    this.#log.write('info', client, 'validations succeeded; finalizing order', { order: location });
    const key = makeKey(this.#settings.keyType);
    const csr = Buffer.from(certificateRequest(key, [name])).toString('base64url');
    const before = `[${name}] finalizing order ${location}: `;
    await this.#post<Order>(account, order.finalize, { csr }, before);
    const { body } = await this.#settled<Order>(account, location, ({ status }) => status !== 'processing');
    if (body.certificate === undefined) {
      throw new AcmeError(`${before}final order is ${body.status}:${showProblem(body.error ?? {})}`);
    }
    const chain = await this.#post<string>(account, body.certificate, undefined, before);
    const downloaded = { count: 1, first_url: body.certificate };
    this.#log.write('info', client, 'successfully downloaded available certificate chains', downloaded);
    const stored = { chain: chain.body, key: keyPem(key) };
    const about = { url: body.certificate, ca: this.#settings.directory, account: account.location };
    await this.#cache.keepCertificate(name, stored, about);
    return stored;
  }

  /** Asked for until it is settled. */
  async #settled<T>(account: Account, url: string, done: (body: T) => boolean) {
    for (const started = Date.now(); ;) {
      const answer = await this.#post<T>(account, url, undefined, '');
      if (done(answer.body)) return answer;
      if (Date.now() - started > PATIENCE) throw new AcmeError(`${url}: timed out`);
      await new Promise((resolve) => setTimeout(resolve, WAIT));
    }
  }
}

const contactOf = (email: string): string[] => (email === '' ? [] : [`mailto:${email}`]);

function macOf(text: string): Uint8Array {
  const at = text.search(/[^A-Za-z0-9_-]/);
  if (at < 0) return Buffer.from(text, 'base64url');
  throw new AcmeError(`base64-decoding MAC key: illegal base64 data at input byte ${at}`, 'local');
}

/** Host and path of the directory. */
export function issuerOf(directory: string): string {
  const { host, pathname } = new URL(directory.includes('://') ? directory : `https://${directory}`);
  return `${host}${pathname === '/' ? '' : pathname.replaceAll('/', '-')}`;
}
