/** sys/generate-root-token and sys/decode-token. */
import { decodeBase64Raw } from '../codec/base64.ts';
import type { JsonObject } from '../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { decodeShare } from '../server/seal/share.ts';
import type { SystemNode } from './context.ts';
import { sealsOf, systemPaths } from './context.ts';

async function statusData(node: SystemNode, otp: string): Promise<JsonObject> {
  const status = await node.keys().seals.rootGeneration.status();
  const common = { otp, otp_length: status.otpLength, required: status.required, complete: false };
  if (!status.started) return { ...common, started: false, progress: 0 };
  return {
    ...common,
    started: true,
    nonce: status.nonce,
    progress: status.progress,
    pgp_fingerprint: status.fingerprint,
  };
}

export const generateRootPaths = systemPaths()
  .path(
    'generate-root-token/attempt',
    'The making of a root token by the holders of the keys.',
    {
      otp: field.string('One-time pad, as long as the token.', { always: true }),
      pgp_key: field.string('Key to encrypt the token with.', { always: true }),
    },
    {
      read: { about: 'How far it is.', forward: true, run: (_, { context }) => statusData(context.node, '') },
      update: {
        about: 'Begin.',
        forward: true,
        run: async ({ otp, pgp_key: key }, { context }) => {
          const made = await context.node.keys().seals.rootGeneration.start(otp, key);
          return statusData(context.node, made);
        },
      },
      delete: {
        about: 'Abandon it.',
        forward: true,
        run: (_, { context }) => sealsOf(context.node)?.rootGeneration.cancel(),
      },
    },
  )
  .path(
    'generate-root-token/update',
    'The shares that authorise it.',
    {
      key: field.string('One share, in hex or base64.', { required: true }),
      nonce: field.string('Nonce of the attempt.', { required: true }),
    },
    {
      update: {
        about: 'Give one.',
        forward: true,
        run: async ({ key, nonce }, { context }) => {
          if (nonce === '') throw refuse('nonce is required');
          if (key === '') throw refuse('key is required');
          const { services } = context.node.active();
          const share = decodeShare(key, { anyLength: true });
          const done = await context.node.keys().seals.rootGeneration.update(share, nonce, async () => {
            const token = await services.tokens.createRoot();
            return token.id;
          });
          return {
            complete: done.encodedToken !== '',
            nonce: done.nonce,
            progress: done.progress,
            required: done.required,
            started: true,
            encoded_token: done.encodedToken,
            pgp_fingerprint: done.fingerprint,
          };
        },
      },
    },
  )
  .path(
    'decode-token',
    'Takes the pad off a token made so.',
    {
      encoded_token: field.string('The encoded token.', { always: true }),
      otp: field.string('The pad.', { always: true }),
    },
    {
      update: {
        about: 'The token.',
        run: ({ encoded_token: encoded, otp }) => {
          if (encoded === '' || otp === '') throw refuse("provided 'encoded_token' or 'otp' is empty");
          let bytes: Uint8Array;
          try {
            bytes = decodeBase64Raw(encoded);
          } catch (error) {
            throw refuse(`error decoding base64'd token: ${error instanceof Error ? error.message : ''}`);
          }
          const pad = encodeUtf8(otp);
          if (bytes.length !== pad.length) {
            throw refuse(
              `error xoring token: length of byte slices is not equivalent: ${bytes.length} != ${pad.length}`,
            );
          }
          return { token: decodeUtf8(bytes.map((byte, i) => byte ^ pad[i]!)) };
        },
      },
    },
  );
