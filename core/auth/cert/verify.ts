/** Which entry, if any, vouches for the certificate of a connection. */
import { equalBytes } from '../../codec/bytes.ts';
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { buildChains } from '../../crypto/x509/chain.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';
import { EXT_KEY_USAGE } from '../../crypto/x509/oids.ts';
import { failure, refuse } from '../../fault.ts';
import { multierror } from '../../codec/multierror.ts';
import { SECOND } from '../../runtime.ts';
import type { CertCall } from './call.ts';
import { parseBundle } from './certificates.ts';
import { meetsConstraints } from './constraints.ts';
import { isRevoked } from './crl.ts';
import type { CertEntry } from './entry.ts';
import { isGoodByOcsp } from './ocsp.ts';

/** An entry with its certificates. */
interface Trusted {
  readonly entry: CertEntry;
  readonly certificates: readonly Certificate[];
}

const UNKNOWN_AUTHORITY = 'x509: certificate signed by unknown authority';
const NO_CHAIN = 'no chain matching all constraints could be found for this login certificate';

/** The certificates that the client showed, its own first. Refuses when there are none. */
export function shownCertificates({ request }: CertCall): readonly [Certificate, ...Certificate[]] {
  const [own, ...others] = (request.clientCertificates ?? []).flatMap(
    (bytes) => unlessMalformed(() => parseCertificate(bytes)) ?? [],
  );
  if (own === undefined) throw refuse('no client certificate found');
  return [own, ...others];
}

async function loadTrusted(name: string, { store }: CertCall): Promise<Trusted[]> {
  const names = name === '' ? await store.entries.list() : [name.toLowerCase()];
  const trusted: Trusted[] = [];
  for (const each of names) {
    const entry = await store.entries.get(each);
    const certificates = entry === undefined ? [] : parseBundle(entry.certificate);
    if (entry !== undefined && certificates.length > 0) trusted.push({ entry, certificates });
  }
  return trusted;
}

/** The entry that vouches; `name`: only this one is asked. Throws a refusal in upstream's words. */
export async function verifyCredentials(name: string, call: CertCall): Promise<CertEntry> {
  const [own, ...others] = shownCertificates(call);
  const trusted = await loadTrusted(name, call);
  const authorities = trusted.filter(({ certificates }) => certificates[0]!.isCa);
  const chains = chainsOf(
    call,
    own,
    others,
    authorities.flatMap(({ certificates }) => [...certificates]),
  );
  const errors: string[] = [];
  const matches = async (entry: CertEntry, chain: readonly Certificate[]): Promise<boolean> => {
    if (await isRevoked(call.store.crls, chain)) return false;
    if (!meetsConstraints(own, entry)) return false;
    const verdict = await isGoodByOcsp(call, entry, own, chain);
    errors.push(...(verdict.errors ?? []));
    return verdict.good;
  };

  for (const { entry, certificates } of trusted) {
    const [leaf] = certificates;
    if (leaf!.isCa || !equalBytes(leaf!.bytes, own.bytes)) continue;
    if (await matches(entry, certificates)) return entry;
  }
  if (chains.length === 0) throw refuse(withErrors('invalid certificate or no client certificate supplied', errors));
  for (const { entry, certificates } of authorities)
    for (const certificate of certificates)
      for (const chain of chains) {
        if (!chain.some(({ bytes }) => equalBytes(bytes, certificate.bytes))) continue;
        if (await matches(entry, chain)) return entry;
      }
  throw refuse(withErrors(NO_CHAIN, errors));
}

const withErrors = (text: string, errors: readonly string[]): string =>
  errors.length === 0 ? text : `${text}; additionally got errors during verification: ${multierror(...errors)}`;

function chainsOf(
  call: CertCall,
  own: Certificate,
  intermediates: readonly Certificate[],
  roots: readonly Certificate[],
): readonly (readonly Certificate[])[] {
  const now = Math.floor(call.now() / SECOND);
  const rules = { roots, intermediates, now, purposes: [EXT_KEY_USAGE.ClientAuth] };
  const result = buildChains(call.runtime.crypto, own, rules);
  if ('chains' in result) return result.chains;
  if (result.error === UNKNOWN_AUTHORITY) return [];
  throw failure(`failed to verify client's certificate: ${result.error}`);
}
