/** Random bytes and hashes: no key takes part. */
import { refuse } from '../../fault.ts';
import { hashed, hashFields, madeRandom, randomFields } from '../../framework/tools.ts';
import { transitPaths } from './call.ts';

export const toolPaths = transitPaths()
  .path(
    'random(/:source)?(/:urlbytes+)?',
    'Random bytes.',
    randomFields,
    { update: { about: 'Make random bytes.', run: (input, { random }) => madeRandom(random, input) } },
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
    hashFields,
    {
      update: {
        about: 'The hash of the input.',
        run: (input, { runtime }) => {
          if (input.input === undefined) throw refuse('input missing');
          return hashed(runtime.crypto, input);
        },
      },
    },
    { id: { prefix: 'transit', verb: 'hash', suffix: '|with-algorithm' } },
  );
