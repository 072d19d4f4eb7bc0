/** Ours says of itself in OpenAPI what the real server says of itself, but for sentences. */
import { expect, test } from 'vitest';
import { asListed, differences } from './help/structure.ts';
import { askDocument } from './operations.ts';
import { oursInProcess } from './targets/ours.ts';
import { realProgram } from './targets/program.ts';

test('the OpenAPI document has the operations, responses, parameters and schemas of 2.7.2', async () => {
  const [real, ours] = [await askDocument(await realProgram('2.7.2')), await askDocument(oursInProcess())];
  // Ours has engines that 2.7.2 has no more: only what both could have is compared.
  const shared = Object.fromEntries(Object.entries(ours.paths).filter(([path]) => Object.hasOwn(real.paths, path)));
  const schemas = Object.fromEntries(
    Object.entries(ours.components?.schemas ?? {}).filter(([name]) =>
      Object.hasOwn(real.components?.schemas ?? {}, name),
    ),
  );
  const found = [
    ...differences(asListed(real.paths), asListed(shared), 'paths'),
    ...differences(real.components?.schemas ?? {}, schemas, 'components.schemas'),
  ];
  expect(found.sort()).toEqual([]);
});
