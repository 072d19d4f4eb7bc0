/** `crls` and `crls/<name>`: lists of certificates that are no longer good. */
import { urlFault } from '../../codec/go-url-fault.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { certPaths, type CertCall } from './call.ts';
import { fetchCrl, givenCrl, shownCrl, type Crl } from './crl.ts';

/** Lists are kept, and missed, in lower case. */
async function existing(name: string, { store }: CertCall): Promise<Crl> {
  const crl = await store.crls.get(name);
  if (crl === undefined) throw refuse(`no such CRL ${name}`);
  return crl;
}

export const crlPaths = certPaths()
  .path(
    'crls',
    'The names of all lists.',
    pageFields,
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
      read: { run: async ({ name }, call) => shownCrl(await existing(name.toLowerCase(), call)) },
      update: {
        id: { verb: 'write' },
        run: async ({ name, crl, url }, { store, runtime }) => {
          if (crl !== undefined) {
            await store.crls.put(name.toLowerCase(), givenCrl(crl));
            return;
          }
          if (url === '') throw refuse('empty CRL url');
          if (url === undefined) throw refuse("one of 'crl' or 'url' must be provided");
          const fault = urlFault(url);
          if (fault !== undefined) throw refuse(`invalid CRL url: ${fault}`);
          await store.crls.put(name.toLowerCase(), await fetchCrl(runtime, url));
        },
      },
      delete: {
        run: async ({ name }, call) => {
          await existing(name.toLowerCase(), call);
          await call.store.crls.delete(name.toLowerCase());
        },
      },
    },
    { resolve: ({ name }) => `crls/${name.toLowerCase()}`, id: { suffix: 'crl' } },
  );
