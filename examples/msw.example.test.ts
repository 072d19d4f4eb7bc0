/** The same without a port: Mock Service Worker hands the client's requests to the core. */
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mockBao } from 'bao-steamer/msw';

const bao = await mockBao({ address: 'http://bao.test:8200' });
const worker = setupServer(...bao.handlers);

beforeAll(() => worker.listen({ onUnhandledFrame: 'error' }));
afterAll(async () => {
  worker.close();
  await bao.stop();
});

test('an unmodified client logs in with AppRole', async () => {
  await bao.request('POST', 'sys/auth/approle', { type: 'approle' });
  await bao.request('POST', 'auth/approle/role/app', { token_policies: ['default'] });
  const role = await bao.request<{ data: { role_id: string } }>('GET', 'auth/approle/role/app/role-id');
  const secret = await bao.request<{ data: { secret_id: string } }>('POST', 'auth/approle/role/app/secret-id');

  const response = await fetch('http://bao.test:8200/v1/auth/approle/login', {
    method: 'POST',
    body: JSON.stringify({ role_id: role.body!.data.role_id, secret_id: secret.body!.data.secret_id }),
  });

  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ auth: { policies: ['default'], token_type: 'service' } });
});
