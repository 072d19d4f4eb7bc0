/**
 * Clients that have certificates issued and revoked, through any node. Who was told that a certificate is revoked finds
 * it on every list that the active node gives out from then on, and OCSP says so too; nothing else is ever on a list,
 * and lists are numbered upwards.
 */
import { encodeBase64 } from '../../core/codec/base64.ts';
import { encodeHex } from '../../core/codec/hex.ts';
import { decodePem } from '../../core/codec/pem.ts';
import { isSignedBy, parseCertificatePem, type Certificate } from '../../core/crypto/x509/certificate.ts';
import { certificateId, encodeOcspRequest, parseOcspResponse } from '../../core/crypto/x509/ocsp.ts';
import { parseRevocationList, type RevocationList } from '../../core/crypto/x509/revocation-list.ts';
import { type Runtime, SECOND } from '../../core/runtime.ts';
import { type Answered, answered, at, type HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, startClient, type Workload } from './workload.ts';

export interface RevocationOptions {
  readonly clients: number;
  /** The pause between two revocations of a client: uniform between half and one and a half times this. */
  readonly every: string;
}

const TIMEOUT = 2 * SECOND;

interface Revoked {
  readonly serial: string;
  readonly bytes: Uint8Array;
}

export class RevocationWorkload implements Workload {
  readonly #options: RevocationOptions;
  /** Revoked for sure, in the order of their answers. */
  readonly #revoked: Revoked[] = [];
  /** Revoked perhaps: somebody has asked for it. */
  readonly #asked = new Set<string>();
  #highest = -1;
  /** How many certificates that list had. */
  #listed = 0;
  #leader = '';
  /** Number of the first list that was seen under this leader, if there was another before. */
  #inherited = -1;
  /** Lists that were looked at, and answers over OCSP. */
  lists = 0;
  ocsp = 0;

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  get revoked(): number {
    return this.#revoked.length;
  }

  /** Needs an authority at pki/ with a role named web. */
  start(simulation: Simulation, cluster: Cluster): void {
    const { clients, every } = this.#options;
    const options = { timeout: TIMEOUT, token: cluster.keys.rootToken };
    for (let index = 0; index < clients; index++) {
      startClient(simulation, every, options, (http, runtime) =>
        this.#revoke(http, cluster.address(anyNode(cluster, runtime))),
      );
    }
    startClient(simulation, every, options, async (http, runtime) => {
      const node = cluster.names.find((name) => cluster.isLatestActive(name));
      if (node !== undefined) await this.#look(runtime, http, node, cluster.address(node));
    });
  }

  async #revoke(http: HttpClient, address: string): Promise<void> {
    const body = { common_name: 'a.example.test' };
    const issued = await answered(http.request(address, 'POST', '/v1/pki/issue/web', { body }));
    if (issued.status !== 200) return;
    const { serial } = parseCertificatePem(at(issued.json, 'data', 'certificate') as string)!;
    this.#asked.add(encodeHex(serial));
    const serial_number = at(issued.json, 'data', 'serial_number') as string;
    const done = await answered(http.request(address, 'POST', '/v1/pki/revoke', { body: { serial_number } }));
    if (done.status === 200) this.#revoked.push({ serial: encodeHex(serial), bytes: serial });
  }

  async #look(runtime: Runtime, http: HttpClient, node: string, address: string): Promise<void> {
    const known = [...this.#revoked];
    const list = listIn(await answered(http.request(address, 'GET', '/v1/pki/cert/crl')));
    if (list === undefined) return;
    const authority = await answered(http.request(address, 'GET', '/v1/pki/cert/ca'));
    if (authority.status !== 200) return;
    const issuer = parseCertificatePem(at(authority.json, 'data', 'certificate') as string)!;
    this.#judge(list, known, issuer, node, runtime);
    if (known.length > 0)
      await this.#askOcsp(known[runtime.random.below(known.length)]!, issuer, runtime, http, address);
  }

  #judge(
    list: RevocationList,
    known: readonly Revoked[],
    issuer: Certificate,
    node: string,
    { crypto }: Runtime,
  ): void {
    if (!isSignedBy(crypto, list, issuer.publicKey!)) throw new StoryFailure('a revocation list is not signed');
    const listed = serialsOn(list);
    const missing = known.find(({ serial }) => !listed.has(serial));
    if (missing !== undefined) throw new StoryFailure(`${missing.serial} was revoked and is not on the list`);
    const strange = [...listed].find((serial) => !this.#asked.has(serial));
    if (strange !== undefined) throw new StoryFailure(`${strange} is on the list and nobody has revoked it`);
    const number = list.number.reduce((sum, byte) => sum * 256 + byte, 0);
    if (number < this.#highest) throw new StoryFailure(`list ${number} comes after list ${this.#highest}`);
    if (node !== this.#leader) this.#inherited = this.#leader === '' ? -1 : number;
    this.#leader = node;
    // A list is stored before its number is, as on 2.7.2: who dies in between leaves the number to the next leader.
    if (number === this.#highest && listed.size !== this.#listed && number !== this.#inherited)
      throw new StoryFailure(`there are two lists ${number}, of ${this.#listed} and of ${listed.size} certificates`);
    this.#highest = number;
    this.#listed = listed.size;
    this.lists++;
  }

  async #askOcsp(
    { serial, bytes }: Revoked,
    issuer: Certificate,
    { crypto }: Runtime,
    http: HttpClient,
    address: string,
  ): Promise<void> {
    const request = encodeOcspRequest(certificateId(crypto, 'sha256', issuer, bytes));
    const url = `/v1/pki/ocsp/${encodeURIComponent(encodeBase64(request))}`;
    const answer = await http.request(address, 'GET', url).catch(() => undefined);
    if (answer?.status !== 200) return;
    const response = parseOcspResponse(answer.body);
    if (typeof response === 'number') throw new StoryFailure(`OCSP refuses to answer: ${response}`);
    if (response.status.kind !== 'revoked')
      throw new StoryFailure(`${serial} was revoked and is ${response.status.kind}`);
    this.ocsp++;
  }

  /** Whether all that were revoked are on every node's list: the replicas have them too. */
  async onEveryNode(bao: Cluster): Promise<boolean> {
    for (const node of bao.names) {
      const list = listIn(await bao.ask('GET', 'pki/cert/crl', { node }));
      if (list === undefined) return false;
      const listed = serialsOn(list);
      if (this.#revoked.some(({ serial }) => !listed.has(serial))) return false;
    }
    return true;
  }
}

function listIn({ status, json }: Answered): RevocationList | undefined {
  if (status !== 200) return undefined;
  return parseRevocationList(decodePem(at(json, 'data', 'certificate') as string)!.block.bytes);
}

/** In hex. */
const serialsOn = ({ revoked }: RevocationList): ReadonlySet<string> =>
  new Set(revoked.map(({ serial }) => encodeHex(serial)));
