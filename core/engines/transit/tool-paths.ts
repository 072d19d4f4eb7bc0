/** Random bytes and hashes: no key takes part. */
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { hashed, hashFields, madeRandom, randomFields } from '../../framework/tools.ts';
import { transitPaths } from './call.ts';

const SOURCES = new Set(['platform', 'seal', 'all']);

export const toolPaths = transitPaths()
  .path(
    'random(/:source)?(/:urlbytes+)?',
    'Random bytes.',
    {
      ...randomFields,
      source: field.string('Where the bytes come from: "platform", "seal" or "all".', { default: '' }),
      urlbytes: field.string('How many bytes, in the URL.', { default: '' }),
    },
    {
      update: {
        about: 'Make random bytes.',
        run: ({ source, urlbytes, ...input }, { random }) =>
          // One part alone is a source if it is the name of one, and else a number.
          urlbytes === '' && source !== '' && !SOURCES.has(source)
            ? madeRandom(random, input, source, '')
            : madeRandom(random, input, urlbytes, source),
      },
    },
    {
      id: {
        prefix: 'transit',
        verb: 'generate',
        suffix: 'random|random-with-source|random-with-source-and-bytes|random-with-bytes',
      },
    },
  )
  .path(
    'hash(/:urlalgorithm+)?',
    'Hashes data.',
    {
      ...hashFields,
      input: field.string('The input, in base64.'),
      urlalgorithm: field.string('The hash, in the URL.', { default: '' }),
    },
    {
      update: {
        about: 'The hash of the input.',
        run: ({ input, urlalgorithm, algorithm, format }, { runtime }) => {
          if (input === undefined) throw refuse('input missing');
          return hashed(runtime.crypto, input, format, urlalgorithm === '' ? algorithm : urlalgorithm);
        },
      },
    },
    { id: { prefix: 'transit', verb: 'hash', suffix: '|with-algorithm' } },
  );
