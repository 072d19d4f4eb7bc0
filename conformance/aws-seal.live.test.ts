/** The AWS KMS seal against moto, which plays AWS: what it wraps opens again, and refusals are told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { startServer, type RunningServer } from '../host/server.ts';
import { orSkipped } from './interop/side.ts';
import { startMoto } from './moto.ts';
import { freePort, type Server } from './program.ts';

let moto: Server | undefined;
let folder = '';

beforeAll(
  () =>
    orSkipped(async () => {
      folder = await mkdtemp(join(tmpdir(), 'steamer-aws-'));
      moto = await startMoto();
    }),
  // Installing takes its time.
  300_000,
);

afterAll(async () => {
  await moto?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** An operator's own request; moto looks at no signature. */
async function kms(operation: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(moto!.address, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `TrentService.${operation}`,
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=x',
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

async function start(alias: string): Promise<RunningServer & { readonly address: string }> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const text = `storage "file" {\n  path = "${folder}"\n}\nlistener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}\napi_addr = "${address}"
seal "awskms" {\n  region = "us-east-1"\n  kms_key_id = "${alias}"\n  access_key = "AKID"\n  secret_key = "secret"\n  endpoint = "${moto!.address}"\n}\n`;
  await writeFile(join(folder, 'server.hcl'), text);
  const { configuration } = parseConfiguration(text, 'server.hcl');
  const server = await startServer({
    configuration,
    log: { write: () => undefined },
    failed: (error) => {
      throw error;
    },
  });
  return { ...server, address };
}

test('a server unseals by a key in AWS, and says what AWS says of one that is not there', async (context) => {
  // `orSkipped` has printed why: moto cannot be had.
  if (moto === undefined) return context.skip();
  await expect(start('alias/none')).rejects.toThrow(
    /^Error configuring seal "awskms": error fetching AWS KMS wrapping key information: NotFoundException: Alias .*alias\/none is not found\.\n\tstatus code: 400/,
  );
  const { KeyMetadata } = await kms('CreateKey', {});
  await kms('CreateAlias', { AliasName: 'alias/unseal', TargetKeyId: (KeyMetadata as { KeyId: string }).KeyId });
  const first = await start('alias/unseal');
  const made = await fetch(`${first.address}/v1/sys/init`, {
    method: 'PUT',
    body: JSON.stringify({ recovery_shares: 1, recovery_threshold: 1 }),
  });
  expect(made.status).toBe(200);
  await first.stop();
  const second = await start('alias/unseal');
  expect((await fetch(`${second.address}/v1/sys/health`)).status).toBe(200);
  await second.stop();
});
