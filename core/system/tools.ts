/** sys/tools: random bytes and hashes for clients. */
import { field } from '../framework/field.ts';
import { hashed, hashFields, madeRandom, randomFields } from '../framework/tools.ts';
import { systemPaths } from './context.ts';

const SOURCES: ReadonlySet<string> = new Set(['', 'platform', 'seal', 'all']);

const hashPathFields = { ...hashFields, urlalgorithm: field.string('The algorithm, in the path.', { default: '' }) };
const randomPathFields = {
  ...randomFields,
  source: field.string('platform, seal or all.', { default: '' }),
  urlbytes: field.string('How many bytes, in the path.', { default: '' }),
};

export const toolPaths = systemPaths()
  .path('tools/hash(/:urlalgorithm{.+})?', 'Hashes data.', hashPathFields, {
    update: {
      about: 'The hash of the input.',
      run: ({ input, format, algorithm, urlalgorithm }, { runtime }) =>
        hashed(runtime.crypto, input, format, urlalgorithm || algorithm),
    },
  })
  .path('tools/random(/:source{[^/]+})?(/:urlbytes{.+})?', 'Random bytes.', randomPathFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ source, urlbytes, ...input }, { random }) => {
        // One part alone is a source when it names one.
        const alone = urlbytes === '' && !SOURCES.has(source);
        return alone ? madeRandom(random, input, source, '') : madeRandom(random, input, urlbytes, source);
      },
    },
  });
