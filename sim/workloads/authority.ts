/**
 * An authority of two issuers, roles that change, and certificates of them. What is issued is for names, purposes and a
 * time that role and issuer allow, whoever else asks; what was revoked, and nothing else, is on its issuer's list.
 */
import { encodeHex } from '../../core/codec/hex.ts';
import type { JsonObject } from '../../core/codec/json.ts';
import { decodePem } from '../../core/codec/pem.ts';
import { type Certificate, isSignedBy, parseCertificatePem } from '../../core/crypto/x509/certificate.ts';
import { EXT_KEY_USAGE } from '../../core/crypto/x509/oids.ts';
import { parseRevocationList } from '../../core/crypto/x509/revocation-list.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';

interface Issuer {
  readonly id: string;
  readonly certificate: Certificate;
  /** What happens to those that would outlive it. */
  behaviour: 'err' | 'truncate' | 'permit';
  /** Serials in hex. */
  readonly revoked: Set<string>;
}

interface Role {
  readonly name: string;
  issuer: Issuer;
  domains: readonly string[];
  any: boolean;
  bare: boolean;
  subdomains: boolean;
  localhost: boolean;
  server: boolean;
  client: boolean;
  kept: boolean;
  ttl: Micros;
  most: Micros;
}

interface Issued {
  readonly serial: string;
  readonly shown: string;
  readonly pem: string;
  readonly issuer: Issuer;
  readonly kept: boolean;
  readonly notAfter: number;
  revoked: boolean;
}

const NAMES = [
  'a.test',
  'w.a.test',
  'x.w.a.test',
  'evil-a.test',
  'b.test',
  'w.b.test',
  'localhost',
  'a.test.evil',
] as const;
const MOUNT_TTL = 50 * SECOND;
const MOUNT_MOST = 120 * SECOND;
/** In seconds. */
const SLACK = 2;
const BACKDATED = 30;
const PICKED = 6;

const inSeconds = (micros: Micros): string => `${micros / SECOND}s`;

export class Authority {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #issuers: Issuer[] = [];
  readonly #roles: Role[] = [];
  readonly #serials = new Set<string>();
  #issued: Issued[] = [];
  /** As they had to be. */
  issued = 0;
  refused = 0;
  revoked = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('authority');
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    await bao.mount('pki', 'pki');
    // A role may not give more than the mount does; issuers are made before that is so.
    for (const ttl of ['150s', '1000s']) {
      const body = { common_name: `Root of ${ttl}`, key_type: 'ec', ttl };
      const { json } = await bao.ask('POST', 'pki/root/generate/internal', { body });
      const certificate = parseCertificatePem(at(json, 'data', 'certificate') as string)!;
      const id = at(json, 'data', 'issuer_id') as string;
      this.#issuers.push({ id, certificate, behaviour: 'err', revoked: new Set() });
    }
    const config = { default_lease_ttl: inSeconds(MOUNT_TTL), max_lease_ttl: inSeconds(MOUNT_MOST) };
    await bao.request('POST', 'sys/mounts/pki/tune', config);
    for (const name of ['one', 'two', 'three']) this.#roles.push(await this.#setRole(name));
  }

  async round(): Promise<void> {
    const dice = this.#dice;
    if (dice.below(2) === 0) await this.#setIssuer();
    const changed = dice.below(this.#roles.length);
    this.#roles[changed] = await this.#setRole(this.#roles[changed]!.name);
    for (let asked = 0; asked < 6; asked++) await this.#ask(dice.pick(this.#roles));
    if (dice.below(3) > 0) await this.#revoke();
    for (const issuer of this.#issuers) await this.#lookAtList(issuer);
    for (const issued of dice.shuffle(this.#issued).slice(0, 3)) await this.#read(issued);
    await this.#sim.sleep(dice.between(1, 8) * SECOND);
  }

  /** Unix seconds, as the nodes have them. */
  get #now(): number {
    return Math.floor(this.#bao.machine(this.#bao.leader).clock.wall() / SECOND);
  }

  async #setIssuer(): Promise<void> {
    const issuer = this.#dice.pick(this.#issuers);
    const behaviour = this.#dice.pick(['err', 'truncate', 'permit'] as const);
    await this.#bao.request('POST', `pki/issuer/${issuer.id}`, { leaf_not_after_behavior: behaviour });
    issuer.behaviour = behaviour;
  }

  async #setRole(name: string): Promise<Role> {
    const dice = this.#dice;
    const flag = (): boolean => dice.below(2) === 0;
    const some = (most: number): Micros => (flag() ? 0 : dice.between(10, most) * SECOND);
    const most = some(100);
    const role: Role = {
      name,
      issuer: dice.pick(this.#issuers),
      domains: dice.pick([['a.test'], ['a.test', 'b.test'], ['b.test']]),
      any: dice.below(5) === 0,
      bare: flag(),
      subdomains: flag(),
      localhost: flag(),
      server: flag(),
      client: flag(),
      kept: dice.below(4) > 0,
      // Not more than the maximum.
      ttl: Math.min(some(100), most || Infinity),
      most,
    };
    await this.#bao.request('POST', `pki/roles/${name}`, {
      key_type: 'ec',
      issuer_ref: role.issuer.id,
      allowed_domains: role.domains,
      allow_any_name: role.any,
      allow_bare_domains: role.bare,
      allow_subdomains: role.subdomains,
      allow_localhost: role.localhost,
      server_flag: role.server,
      client_flag: role.client,
      no_store: !role.kept,
      ttl: inSeconds(role.ttl),
      max_ttl: inSeconds(role.most),
    });
    return role;
  }

  async #ask(role: Role): Promise<void> {
    const dice = this.#dice;
    const [name, other] = dice.shuffle(NAMES);
    const names = [name!, ...(dice.below(3) === 0 ? [other!] : [])];
    // The common name is judged, and may be left out of the names that the certificate is for.
    const without = names.length > 1 && dice.below(2) === 0;
    const ttl = dice.pick([0, 0, 20, 60, 200]) * SECOND;
    const body: JsonObject = {
      common_name: name!,
      ...(names.length > 1 && { alt_names: other! }),
      ...(without && { exclude_cn_from_sans: true }),
      ...(ttl > 0 && { ttl: inSeconds(ttl) }),
    };
    const { issuer } = role;
    const end = issuer.certificate.notAfter;
    const wanted = this.#now + Math.min(ttl || role.ttl || MOUNT_TTL, role.most || MOUNT_MOST) / SECOND;
    const beyond = wanted > end && issuer.behaviour !== 'permit';
    // An issuer that has ended, and a moment about which either may be right.
    if (this.#now > end - 2 * SLACK || Math.abs(wanted - end) < SLACK) return;
    const fine = names.every((one) => isAllowed(role, one)) && !(beyond && issuer.behaviour === 'err');
    const { status, json } = await this.#bao.ask('POST', `pki/issue/${role.name}`, { body });
    const fail = (what: string): never => {
      throw new StoryFailure(
        `${JSON.stringify(body)} of ${show(role)} ${what}: ${status} ${status === 200 ? '' : JSON.stringify(json)}`,
      );
    };
    if (fine ? status !== 200 : status < 400) fail(fine ? 'is refused' : 'is given');
    if (!fine) {
      this.refused++;
      return;
    }
    const pem = at(json, 'data', 'certificate') as string;
    const certificate = parseCertificatePem(pem)!;
    const { notBefore, notAfter } = certificate;
    const serial = encodeHex(certificate.serial);
    const purposes = [
      ...(role.server ? [EXT_KEY_USAGE.ServerAuth] : []),
      ...(role.client ? [EXT_KEY_USAGE.ClientAuth] : []),
    ];
    if (Math.abs(notAfter - (beyond ? end : wanted)) > (beyond ? 0 : SLACK)) fail(`is until ${notAfter}`);
    if (Math.abs(notBefore - (this.#now - BACKDATED)) > SLACK) fail(`is from ${notBefore}`);
    if (at(json, 'data', 'expiration') !== notAfter) fail('says otherwise about its end');
    if (!same(certificate.names.dns, names.slice(without ? 1 : 0))) fail(`is for ${certificate.names.dns.join()}`);
    if (!same(certificate.extKeyUsage, purposes)) fail(`is to be used for ${certificate.extKeyUsage.join()}`);
    if (certificate.isCa) fail('is an authority');
    const { crypto } = this.#sim;
    if (!isSignedBy(crypto, certificate, issuer.certificate.publicKey!)) fail('is not signed by its issuer');
    if (this.#serials.has(serial)) fail('has the serial of another');
    this.#serials.add(serial);
    this.issued++;
    const shown = at(json, 'data', 'serial_number') as string;
    this.#issued.push({ serial, shown, pem, issuer, kept: role.kept, notAfter, revoked: false });
    if (this.#issued.length > PICKED) this.#issued.splice(dice.below(PICKED), 1);
  }

  /** What is not kept cannot be named. */
  async #revoke(): Promise<void> {
    const fresh = this.#issued.filter(({ revoked, notAfter }) => !revoked && notAfter > this.#now + SLACK);
    if (fresh.length === 0) return;
    const issued = this.#dice.pick(fresh);
    const { status, json } = await this.#bao.ask('POST', 'pki/revoke', { body: { serial_number: issued.shown } });
    if (issued.kept ? status !== 200 : status < 400)
      throw new StoryFailure(
        `a certificate that is${issued.kept ? '' : ' not'} kept is revoked: ${status} ${JSON.stringify(json)}`,
      );
    if (!issued.kept) return;
    issued.revoked = true;
    issued.issuer.revoked.add(issued.serial);
    this.revoked++;
  }

  #lookAtList({ id, certificate, revoked }: Issuer): Promise<void> {
    const node = this.#dice.pick(this.#bao.names);
    return soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#bao.ask('GET', `pki/issuer/${id}/crl`, { node });
      if (status !== 200) return `no list of ${id}: ${status}`;
      const list = parseRevocationList(decodePem(at(json, 'data', 'crl') as string)!.block.bytes);
      if (!isSignedBy(this.#sim.crypto, list, certificate.publicKey!)) return `the list of ${id} is not signed by it`;
      const listed = list.revoked.map(({ serial }) => encodeHex(serial));
      return same(listed, [...revoked])
        ? undefined
        : `the list of ${id} has ${listed.join()} instead of ${[...revoked].join()}`;
    });
  }

  #read({ shown, pem, kept, revoked }: Issued): Promise<void> {
    const node = this.#dice.pick(this.#bao.names);
    return soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#bao.ask('GET', `pki/cert/${shown}`, { node });
      if (!kept) return status === 404 ? undefined : `a certificate that is not kept is shown: ${status}`;
      const right =
        (at(json, 'data', 'certificate') as string | undefined)?.trim() === pem.trim() &&
        (at(json, 'data', 'revocation_time') !== 0) === revoked;
      return right ? undefined : `${shown} is shown otherwise: ${status} ${JSON.stringify(json)}`;
    });
  }
}

function isAllowed({ domains, any, bare, subdomains, localhost }: Role, name: string): boolean {
  if (any) return true;
  if (localhost && name === 'localhost') return true;
  return domains.some((domain) => (bare && name === domain) || (subdomains && name.endsWith(`.${domain}`)));
}

const same = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one));

const show = ({ issuer, ...role }: Role): string =>
  JSON.stringify({ ...role, end: issuer.certificate.notAfter, behaviour: issuer.behaviour });
