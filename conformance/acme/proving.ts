/** What the parts of the script do to get a certificate, and how it is told. */
import { X509Certificate } from 'node:crypto';
import type { Account, Session } from './session.ts';

/** Proves all of an order over HTTP. */
export async function prove(session: Session, account: Account, values: readonly string[], directory = 'acme/') {
  const order = await session.order(account, values, directory);
  const proofs = new Map<string, string>();
  session.world.web = (request, response) => {
    response.end(proofs.get(request.url!.split('/').at(-1)!) ?? 'none');
  };
  for (const authorization of order.authorizations) {
    const challenge = session.challenge(account, authorization, 'http-01');
    proofs.set(challenge.token, challenge.proof);
    await session.client(directory).post(challenge.url, {}, account);
    await session.tried(challenge.url, account);
  }
  return order;
}

/** What is in it, in OpenSSL's words, without what is random. */
export async function shownByOpenssl(session: Session, label: string, pem: string): Promise<void> {
  const words = await session.world.inWords(pem);
  const { validFrom, validTo } = new X509Certificate(pem);
  const hours = Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 3_600_000);
  session.told.push(`${label}: ${hours} hours\n${words}`);
}
