import { expect, test } from 'vitest';
import { ask, exchange, fakeNode } from './api.fixture.ts';

const body =
  '{"initialized":true,"sealed":false,"standby":false,"replication_performance_mode":"disabled","replication_dr_mode":"disabled","server_time_utc":1795390352,"version":"2.7.2","cluster_name":"vault-cluster-95e85baf","cluster_id":"c3107f6b-873c-a220-fc8d-e52bc9b1e8de"}';

test.each([
  ['', `200 ${body}`],
  ['?activecode=299', `299 ${body}`],
  ['?activecode=%2B201', `201 ${body}`],
  ['?activecode=204', '204'],
  ['?activecode=99', 'dropped'],
  ['?activecode=1000', 'dropped'],
  ['?activecode=', '400 {"errors":[]}'],
  ['?activecode=0x10', '400 {"errors":[]}'],
  ['?sealedcode=x', '400 {"errors":[]}'],
  ['?standbyok=zz', '400 {"errors":[]}'],
  ['?standbyok', `200 ${body}`],
  ['?unknown=1', `200 ${body}`],
])('%s gives %s', async (query, answer) => {
  expect(await ask(fakeNode(), `GET /v1/sys/health${query}`)).toBe(answer);
});

test.each([
  [{ initialised: false, sealed: true, standby: true }, '', 501],
  [{ sealed: true, standby: true }, '', 503],
  [{ standby: true }, '', 429],
  [{ standby: true }, '?standbyok=true', 200],
  [{ standby: true }, '?standbyok=true&activecode=202', 202],
  [{ standby: true }, '?standbycode=473', 473],
])('%j with %j is %d', async (state, query, status) => {
  const response = await exchange(fakeNode({ state }), `HEAD /v1/sys/health${query}`);
  expect(response?.status).toBe(status);
  expect(response?.body.length).toBe(0);
});

test('other methods are refused', async () => {
  expect(await ask(fakeNode(), 'PUT /v1/sys/health')).toBe('405 {"errors":[]}');
});
