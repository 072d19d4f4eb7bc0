import { expect, test } from 'vitest';
import { defaultConfig } from '../server/default-config.ts';
import { builtinCatalog } from '../server/mounts/builtin.ts';
import { devNode } from '../server/node.fixture.ts';
import { InmemStorage } from '../storage/inmem.ts';

const { settings } = defaultConfig({ type: 'inmem', storage: new InmemStorage() }, builtinCatalog());
const allowing = { settings: { ...settings, unauthenticatedWorkflows: true } };

const read = 'flow "f" { request "r" { operation = "read" path = "sys/auth/token/tune" token = "root" } }';
const nested = 'flow "f" { request "r" { operation = "update" path = "sys/workflows/execute/a" token = "root" } }';

test('a workflow runs without a token where both the server and it allow that', async () => {
  const client = await devNode(allowing);
  for (const [name, workflow, allow] of [
    ['a', read, true],
    ['b', read, false],
    ['c', nested, true],
  ] as const) {
    await client.call('POST', `sys/workflows/manage/${name}`, { workflow, allow_unauthenticated: allow });
  }
  client.token = '';
  const run = (name: string) => client.call('POST', `sys/workflows/unauthed-execute/${name}`, {});
  expect((await run('a')).status).toBe(200);
  for (const name of ['b', 'none']) {
    expect(await run(name)).toMatchObject({ status: 403, body: { errors: ['permission denied'] } });
  }
  // What nobody vouches for may not start what somebody else may.
  expect(await run('c')).toMatchObject({
    status: 403,
    body: {
      errors: [
        'failed to evaluate workflow: flow.[f (0)]: request.[r (0)]: failed to evaluate request: 1 error occurred:\n\t* permission denied\n\n',
      ],
    },
  });
});

test('without the setting there is no such path', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/workflows/manage/a', { workflow: read, allow_unauthenticated: true });
  expect((await client.call('POST', 'sys/workflows/unauthed-execute/a', {})).status).toBe(404);
  client.token = '';
  expect((await client.call('POST', 'sys/workflows/unauthed-execute/a', {})).status).toBe(403);
});
