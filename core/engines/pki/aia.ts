/** The URLs that a certificate tells of its issuer: the issuer's own, or the mount's; templates filled in. */
import { parseGoUrl } from '../../codec/go-url.ts';
import { completeUrls, NO_URLS, type AiaUrls, type Issuer } from './model.ts';
import type { PkiStore } from './store.ts';

/** A template that cannot be filled in, or not into a URL. */
export class AiaError extends Error {}

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#\s]+/;
/** Whether it is an absolute URL, as far as upstream asks. */
export const isUrl = (text: string): boolean => ABSOLUTE.test(text) && parseGoUrl(text) !== undefined;

export const badUrl = (urls: readonly string[]): string | undefined => urls.find((url) => !isUrl(url));

const LISTS = [
  ['issuing_certificates', 'issuingCertificates'],
  ['crl_distribution_points', 'crlDistributionPoints'],
  ['delta_crl_distribution_points', 'deltaCrlDistributionPoints'],
  ['ocsp_servers', 'ocspServers'],
] as const;

/** What is said before why. */
export const NO_URLS_TOLD = 'unable to fetch AIA URL information';

const LACKING = 'unable to template AIA URLs as we lack local cluster address information';

export const urlCount = (urls: AiaUrls): number =>
  urls.issuingCertificates.length + urls.crlDistributionPoints.length + urls.ocspServers.length;

/** `issuerId` is empty where the issuer is only being made. Throws AiaError. */
export async function filledUrls(urls: AiaUrls, store: PkiStore, issuerId: string): Promise<AiaUrls> {
  if (!urls.enableTemplating) return urls;
  const cluster = await store.cluster();
  const all = LISTS.flatMap(([, key]) => urls[key]);
  const lacks = (directive: string, value: string): boolean =>
    value === '' && all.some((url) => url.includes(directive));
  if (lacks('{{cluster_aia_path}}', cluster.aiaPath)) throw new AiaError(`${LACKING} (aia_path)`);
  if (lacks('{{cluster_path}}', cluster.path)) throw new AiaError(`${LACKING} (path)`);
  const fill = (url: string): string => {
    if (url.includes('{{issuer_id}}') && issuerId === '') {
      throw new AiaError('unable to template AIA URLs as we lack an issuer_id for this operation');
    }
    return url
      .replaceAll('{{cluster_path}}', cluster.path)
      .replaceAll('{{cluster_aia_path}}', cluster.aiaPath)
      .replaceAll('{{issuer_id}}', issuerId);
  };
  const done: Record<string, readonly string[]> = {};
  for (const [name, key] of LISTS) {
    const filled = urls[key].map(fill);
    const bad = badUrl(filled);
    // An empty one is found first, and then taken for none.
    if (bad !== undefined && bad !== '') throw new AiaError(`error validating templated ${name}; invalid URI: ${bad}`);
    done[key] = filled;
  }
  return { ...NO_URLS, ...done, enableTemplating: true };
}

/** Throws AiaError. */
export async function urlsOfIssuer(issuer: Issuer, store: PkiStore): Promise<AiaUrls> {
  const urls = issuer.urls === undefined ? await store.urls() : completeUrls(issuer.urls);
  return filledUrls(urls, store, issuer.id);
}
