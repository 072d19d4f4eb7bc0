import { expect, test } from 'vitest';
import { devNode } from '../server/node.fixture.ts';

test('a namespace in the path leads to the status of the node, as no namespace does', async () => {
  const client = await devNode();
  await client.call('PUT', 'sys/namespaces/n');
  for (const token of ['root', '', 's.none']) {
    client.token = token;
    for (const name of ['seal-status', 'leader']) {
      const answer = await client.call('GET', `n/sys/${name}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual((await client.call('GET', `sys/${name}`)).body);
      expect(await client.call('PUT', `n/sys/${name}`, {})).toMatchObject({
        status: 405,
        body: { errors: ['unsupported operation'] },
      });
    }
  }
});

test('endpoints of key holders without a token are off unless the listener says otherwise', async () => {
  const client = await devNode();
  for (const token of ['root', '', 's.none']) {
    client.token = token;
    for (const path of [
      'generate-root/attempt',
      'generate-root/update',
      'rekey/init',
      'rekey/update',
      'rekey/verify',
    ]) {
      const refused = { status: 405, body: { errors: ['unsupported operation'] } };
      expect(await client.call('PUT', `sys/${path}`, {})).toMatchObject(refused);
    }
    const unknown = { status: 404, body: { errors: ['unsupported path'] } };
    expect(await client.call('PUT', 'sys/rekey-recovery-key/init', {})).toMatchObject(unknown);
  }
});
