/**
 * Clients that log in with certificates, whose authority is this cluster itself: of some a list says who is revoked, of
 * one the entry has the certificate itself, and about others the authority is asked over OCSP. A model says who gets in,
 * by which entry, and whose token is renewed.
 */
import { parseCertificatePem } from '../../core/crypto/x509/certificate.ts';
import { type Answered, answered, at, HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';

/** Who is let in by which entry. */
const HOLDERS = { alice: 'listed', bob: 'listed', carol: 'own', dave: 'asked', erin: 'asked' } as const;
type Name = keyof typeof HOLDERS;
const NAMES = Object.keys(HOLDERS) as Name[];
/** The authority as each node reaches it. */
const OCSP = 'http://127.0.0.1:8200/v1/pki/ocsp';

/** A certificate, and a client that shows it. */
interface Holder {
  readonly name: Name;
  readonly pem: string;
  readonly serial: string;
  readonly http: HttpClient;
  revoked: boolean;
}

interface Token {
  readonly id: string;
  readonly of: Holder;
}

export class CertificateHolders {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #stranger: HttpClient;
  readonly #holders = new Map<Name, Holder>();
  #tokens: Token[] = [];
  #root = '';
  /** Logins that were let in, and that were not, as they had to be. */
  admitted = 0;
  refused = 0;
  /** The same of renewals. */
  renewed = 0;
  notRenewed = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('certificate holders');
    this.#stranger = this.#client([]);
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    await bao.mount('pki', 'pki');
    const root = { common_name: 'Root', key_type: 'ec', ttl: '720h' };
    this.#root = at(await bao.request('POST', 'pki/root/generate/internal', root), 'data', 'certificate') as string;
    const role = { allow_any_name: true, enforce_hostnames: false, key_type: 'ec', ttl: '24h' };
    await bao.request('POST', 'pki/roles/people', role);
    await bao.request('POST', 'sys/auth/cert', { type: 'cert' });
    await this.#admit('listed', this.#root);
    const ocsp = { ocsp_enabled: true, ocsp_fail_open: true, ocsp_servers_override: [OCSP] };
    await this.#admit('asked', this.#root, ocsp);
    for (const name of NAMES) await this.#issue(name);
  }

  async round(): Promise<void> {
    const { dice, holders } = { dice: this.#dice, holders: [...this.#holders.values()] };
    const one = dice.pick(holders);
    if (!one.revoked) await this.#revoke(one);
    else await this.#issue(one.name);
    for (const holder of this.#holders.values()) await this.#logIn(holder);
    for (const token of this.#tokens) await this.#renew(token);
    this.#tokens = this.#tokens.slice(-8);
  }

  #client(certificates: readonly Uint8Array[]): HttpClient {
    const runtime = this.#sim.client().start(() => {});
    return new HttpClient(runtime, { certificates });
  }

  #admit(
    entry: string,
    certificate: string,
    more: Readonly<Record<string, string | boolean | readonly string[]>> = {},
  ) {
    const names = NAMES.filter((name) => HOLDERS[name] === entry);
    const body = { certificate, allowed_common_names: names, token_policies: [entry], ...more };
    return this.#bao.request('POST', `auth/cert/certs/${entry}`, body);
  }

  /** A new certificate; the old one is good as long as it was. */
  async #issue(name: Name): Promise<void> {
    const issued = await this.#bao.request('POST', 'pki/issue/people', { common_name: name });
    const pem = at(issued, 'data', 'certificate') as string;
    const serial = at(issued, 'data', 'serial_number') as string;
    const http = this.#client([parseCertificatePem(pem)!.bytes]);
    this.#holders.set(name, { name, pem, serial, http, revoked: false });
    if (HOLDERS[name] === 'own') await this.#admit('own', pem);
  }

  /** Lists are brought by hand; over OCSP it is known at once. */
  async #revoke(holder: Holder): Promise<void> {
    await this.#bao.request('POST', 'pki/revoke', { serial_number: holder.serial });
    if (HOLDERS[holder.name] !== 'asked') {
      const crl = at(await this.#bao.request('GET', 'pki/cert/crl'), 'data', 'certificate') as string;
      await this.#bao.request('POST', 'auth/cert/crls/people', { crl });
    }
    holder.revoked = true;
  }

  /** Entries are the same in whatever case. */
  #body(entry: string): { readonly name?: string } {
    const spelled = [undefined, entry, entry.toUpperCase()][this.#dice.below(3)];
    return spelled === undefined ? {} : { name: spelled };
  }

  async #logIn(holder: Holder): Promise<void> {
    const { name, revoked } = holder;
    const entry = HOLDERS[name];
    const shows = this.#dice.below(6) > 0;
    const node = this.#dice.pick(this.#bao.names);
    const body = this.#body(entry);
    const fine = shows && !revoked;
    await soonRight(this.#sim, this.#bao, node, async () => {
      const http = shows ? holder.http : this.#stranger;
      const { status, json } = await this.#ask(http, node, 'cert/login', { body });
      const by = status === 200 ? at(json, 'auth', 'metadata', 'cert_name') : undefined;
      if (status === 0 || by !== (fine ? entry : undefined))
        return `${name}, ${shows ? '' : 'who shows nothing, '}${revoked ? 'revoked, ' : ''}is let in by ${JSON.stringify(by)}: ${status} ${JSON.stringify(json)}`;
      if (fine) this.#tokens.push({ id: at(json, 'auth', 'client_token') as string, of: holder });
      return undefined;
    });
    if (fine) this.admitted++;
    else this.refused++;
  }

  /** Only who still shows the certificate that he was let in with, as long as it is good. */
  async #renew({ id, of }: Token): Promise<void> {
    const others = [...this.#holders.values()].filter((holder) => holder.name !== of.name && !holder.revoked);
    const own = others.length === 0 || this.#dice.below(3) > 0;
    const http = own ? of.http : this.#dice.pick(others).http;
    const { status, json } = await this.#ask(http, this.#bao.leader, 'token/renew-self', { token: id });
    // Whose entry has another certificate by now is not the one whom it vouches for.
    const replaced = HOLDERS[of.name] === 'own' && this.#holders.get(of.name) !== of;
    const fine = own && !of.revoked && !replaced;
    if ((status === 200) !== fine || status === 0)
      throw new StoryFailure(
        `a token of ${of.name}${of.revoked ? ', revoked,' : ''} is ${fine ? 'not ' : ''}renewed for ${own ? 'him' : 'another'}: ${status} ${JSON.stringify(json)}`,
      );
    if (fine) this.renewed++;
    else this.notRenewed++;
  }

  #ask(http: HttpClient, node: string, path: string, options: Parameters<HttpClient['request']>[3]): Promise<Answered> {
    return answered(http.request(this.#bao.address(node), 'POST', `/v1/auth/${path}`, options));
  }
}
