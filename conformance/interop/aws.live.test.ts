/** Users and sessions that we make, before moto, which plays IAM and STS: there with what their role says, gone once revoked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMoto } from '../moto.ts';
import type { Server } from '../program.ts';
import { oursInProcess } from '../targets/ours.ts';
import { orSkipped, Side } from './side.ts';

let moto: Server | undefined;
let ours: Side;

beforeAll(
  () =>
    orSkipped(async () => {
      moto = await startMoto();
      ours = new Side('ours', await oursInProcess().start('dev'));
      await ours.call('POST', 'sys/mounts/aws', { type: 'aws' });
    }),
  // Installing takes its time.
  300_000,
);

afterAll(async () => {
  await ours?.stop();
  await moto?.stop();
});

/** An operator's own request to IAM; moto looks at no signature, only at whose key it is. */
async function iam(parameters: Readonly<Record<string, string>>): Promise<string> {
  const answer = await fetch(`${moto!.address}/`, {
    method: 'POST',
    headers: {
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x',
    },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
  });
  return answer.text();
}

const texts = (xml: string, element: string): string[] =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => text!);

const users = async (): Promise<string[]> => texts(await iam({ Action: 'ListUsers' }), 'UserName');

const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

test('users come with what their role says, and go with their lease', async (context) => {
  // `orSkipped` has printed why.
  if (moto === undefined) return context.skip();
  await iam({ Action: 'CreateUser', UserName: 'engine' });
  const root = await iam({ Action: 'CreateAccessKey', UserName: 'engine' });
  await ours.call('POST', 'aws/config/root', {
    access_key: texts(root, 'AccessKeyId')[0],
    secret_key: texts(root, 'SecretAccessKey')[0],
    iam_endpoint: moto.address,
    sts_endpoint: moto.address,
  });
  await iam({ Action: 'CreateGroup', GroupName: 'staff' });
  for (const PolicyName of ['reads', 'edge']) {
    await iam({ Action: 'CreatePolicy', PolicyName, PolicyDocument: document });
  }
  await ours.call('POST', 'aws/roles/deploy', {
    credential_type: 'iam_user',
    policy_document: document,
    policy_arns: 'arn:aws:iam::123456789012:policy/reads',
    iam_groups: 'staff',
    iam_tags: 'team=ops',
    user_path: '/bao/',
    permissions_boundary_arn: 'arn:aws:iam::123456789012:policy/edge',
  });
  const { access_key: key } = (await ours.call('GET', 'aws/creds/deploy')) as Record<string, string>;
  const UserName = (await users()).find((name) => name.startsWith('vault-'))!;
  expect(texts(await iam({ Action: 'GetUser', UserName }), 'Path')).toEqual(['/bao/']);
  expect(texts(await iam({ Action: 'ListUserTags', UserName }), 'Value')).toEqual(['ops']);
  expect(texts(await iam({ Action: 'ListUserPolicies', UserName }), 'member')).toEqual(['deploy']);
  expect(texts(await iam({ Action: 'ListAttachedUserPolicies', UserName }), 'PolicyName')).toEqual(['reads']);
  expect(texts(await iam({ Action: 'ListGroupsForUser', UserName }), 'GroupName')).toEqual(['staff']);
  expect(texts(await iam({ Action: 'ListAccessKeys', UserName }), 'AccessKeyId')).toEqual([key]);
  await ours.call('PUT', 'sys/leases/revoke-prefix/aws', {});
  expect(await users()).toEqual(['engine']);
});

test('AWS says no: the user does not stay for good, and the caller is told', async (context) => {
  // `orSkipped` has printed why.
  if (moto === undefined) return context.skip();
  await ours.call('POST', 'aws/roles/lost', { credential_type: 'iam_user', iam_groups: 'nobody' });
  await expect(ours.call('GET', 'aws/creds/lost')).rejects.toThrow(
    String.raw`Error adding user to group: NoSuchEntity: Group nobody not found\n\tstatus code: 404, request id: `,
  );
});

test('sessions of an assumed role and of a federated user, and a new key for the engine itself', async (context) => {
  // `orSkipped` has printed why.
  if (moto === undefined) return context.skip();
  const role_arns = 'arn:aws:iam::123456789012:role/app';
  await ours.call('POST', 'aws/roles/app', { credential_type: 'assumed_role', role_arns, policy_document: document });
  expect(await ours.call('POST', 'aws/sts/app', { ttl: '15m' })).toMatchObject({
    arn: expect.stringMatching(/^arn:aws:sts::123456789012:assumed-role\/app\/vault-/) as string,
    security_token: expect.stringMatching(/.{16}/) as string,
  });
  await ours.call('POST', 'aws/roles/fed', { credential_type: 'federation_token', policy_document: document });
  expect(await ours.call('GET', 'aws/sts/fed')).toMatchObject({ access_key: expect.any(String) as string });
  const { access_key: fresh } = (await ours.call('POST', 'aws/config/rotate-root', {})) as Record<string, string>;
  expect(texts(await iam({ Action: 'ListAccessKeys', UserName: 'engine' }), 'AccessKeyId')).toEqual([fresh]);
  await iam({ Action: 'CreateUser', UserName: 'app' });
  await ours.call('POST', 'aws/static-roles/app', { username: 'app', rotation_period: '1h' });
  const keys = (await ours.call('GET', 'aws/static-creds/app')) as Record<string, string>;
  expect(texts(await iam({ Action: 'ListAccessKeys', UserName: 'app' }), 'AccessKeyId')).toEqual([keys['access_key']]);
  await ours.call('DELETE', 'aws/static-roles/app');
  expect(texts(await iam({ Action: 'ListAccessKeys', UserName: 'app' }), 'AccessKeyId')).toEqual([]);
});
