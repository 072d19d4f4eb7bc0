/** Ours says of itself in OpenAPI what the real server says of itself, but for sentences. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences } from './help/structure.ts';
import { Asked, type Caller } from './help/sweep.ts';
import { oursInProcess } from './targets/ours.ts';
import { realProgram } from './targets/program.ts';

let real: Asked;
let ours: Asked;

beforeAll(async () => {
  [real, ours] = await Promise.all([Asked.start(await realProgram('2.7.2')), Asked.start(oursInProcess())]);
});

afterAll(async () => {
  await Promise.all([real.stop(), ours.stop()]);
});

type Question = Parameters<Asked['describe']>[0];

const GENERIC = 'generic_mount_paths=true';

test.each<Question>([
  {},
  { query: GENERIC },
  { query: 'generic_mount_paths=false&context=a%20b' },
  { query: 'generic_mount_paths=maybe' },
  { method: 'POST', body: '{"generic_mount_paths":true,"context":"x"}' },
  { method: 'POST', body: '{"generic_mount_paths":[]}' },
  { method: 'POST', body: '{}' },
  { namespace: 'below' },
  { namespace: 'below', query: GENERIC },
  { path: 'below/sys/internal/specs/openapi' },
  ...(['nobody', 'poor', 'child', 'wrong'] satisfies Caller[]).flatMap((as) => [
    { as },
    { as, query: GENERIC },
    { as, namespace: 'below' },
    { as, namespace: 'below', query: GENERIC },
  ]),
])('the document has the operations, responses, parameters and schemas of 2.7.2, asked with %j', async (question) => {
  const [expected, found] = await Promise.all([real.describe(question), ours.describe(question)]);
  expect([...differences(expected, found)]).toEqual([]);
});
