/** sys/tools: random bytes and hashes for clients. */
import { hashed, hashFields, madeRandom, randomFields } from '../framework/tools.ts';
import { systemPaths } from './context.ts';

export const toolPaths = systemPaths()
  .path('tools/hash(/:urlalgorithm{.+})?', 'Hashes data.', hashFields, {
    update: { about: 'The hash of the input.', run: (input, { runtime }) => hashed(runtime.crypto, input) },
  })
  .path('tools/random(/:source)?(/:urlbytes+)?', 'Random bytes.', randomFields, {
    update: { about: 'Make random bytes.', run: (input, { random }) => madeRandom(random, input) },
  });
