/** `crls` and `crls/<name>`: lists of certificates that are no longer good. */
import { parseGoUrl } from '../../codec/go-url.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { certPaths } from './call.ts';
import { fetchCrl, givenCrl, shownCrl, type Crl } from './crl.ts';

const noSuch = (name: string): Error => refuse(`no such CRL ${name}`);

const found = (crl: Crl | undefined, name: string): Crl => {
  if (crl === undefined) throw noSuch(name);
  return crl;
};

/** Throws a refusal in the words of Go's url.Parse. */
function checkUrl(url: string): void {
  const wrong = urlError(url);
  if (wrong !== undefined) throw refuse(`invalid CRL url: parse "${url}": ${wrong}`);
}

function urlError(url: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'net/url: invalid control character in URL';
  if (/^:/.test(url)) return 'missing protocol scheme';
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(url)?.[0] ?? '';
  const rest = url.slice(scheme.length);
  if (scheme === '' && /^[^/?#]*:/.test(url)) return 'first path segment in URL cannot contain colon';
  const host = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  if (host.includes('[') && !host.includes(']')) return "missing ']' in host";
  return parseGoUrl(url) === undefined ? 'invalid URL escape' : undefined;
}

export const crlPaths = certPaths()
  .path(
    'crls',
    'The names of all lists.',
    {
      after: field.string('Lists only names after this one, which need not exist.', { default: '', query: true }),
      limit: field.int('The most names to list; all when zero or less.', { default: 0, query: true }),
    },
    { list: { run: ({ after, limit }, { store }) => store.crls.list({ after, limit }) } },
    { id: { suffix: 'crls' } },
  )
  .path(
    'crls/:name',
    'A list of revoked certificates: given as it is, or fetched from where it is published, again and again.',
    {
      name: field.string('Name of the list.', { required: true }),
      crl: field.string('The list, DER or PEM.'),
      url: field.string('Where it is published.'),
    },
    {
      read: { run: async ({ name }, { store }) => shownCrl(found(await store.crls.get(name.toLowerCase()), name)) },
      update: {
        id: { verb: 'write' },
        run: async ({ name, crl, url }, { store, runtime }) => {
          if (crl !== undefined) {
            await store.crls.put(name.toLowerCase(), givenCrl(crl));
            return;
          }
          if (url === undefined || url === '') throw refuse("one of 'crl' or 'url' must be provided");
          checkUrl(url);
          await store.crls.put(name.toLowerCase(), await fetchCrl(runtime, url));
        },
      },
      delete: {
        run: async ({ name }, { store }) => {
          found(await store.crls.get(name.toLowerCase()), name);
          await store.crls.delete(name.toLowerCase());
        },
      },
    },
    { id: { suffix: 'crl' } },
  );
