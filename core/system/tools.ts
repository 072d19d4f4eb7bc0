/** sys/tools: random bytes and hashes for clients. */
import { hashed, hashFields, madeRandom, randomFields } from '../framework/tools.ts';
import { systemPaths } from './context.ts';

export const toolPaths = systemPaths()
  .path('tools/hash', 'Hashes data.', hashFields, {
    update: {
      about: 'The hash of the input.',
      run: ({ input, format, algorithm }, { runtime }) => hashed(runtime.crypto, input, format, algorithm),
    },
  })
  .path('tools/hash/:urlalgorithm', 'Hashes data.', hashFields, {
    update: {
      about: 'The hash of the input.',
      run: ({ input, format, urlalgorithm }, { runtime }) => hashed(runtime.crypto, input, format, urlalgorithm),
    },
  })
  .path('tools/random', 'Random bytes.', randomFields, {
    update: { about: 'Make random bytes.', run: (input, { random }) => madeRandom(random, input, '', '') },
  })
  .path('tools/random/:source{(platform|seal|all)}', 'Random bytes.', randomFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ source, ...input }, { random }) => madeRandom(random, input, '', source),
    },
  })
  .path('tools/random/:source/:urlbytes', 'Random bytes.', randomFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ source, urlbytes, ...input }, { random }) => madeRandom(random, input, urlbytes, source),
    },
  })
  .path('tools/random/:urlbytes{.+}', 'Random bytes.', randomFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ urlbytes, ...input }, { random }) => madeRandom(random, input, urlbytes.split('/').at(-1) ?? '', ''),
    },
  });
