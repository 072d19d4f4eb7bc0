/** Answers that are no JSON. */
import { noBytes } from '../../codec/bytes.ts';
import { reply, type Reply } from '../../framework/reply.ts';

/** 204 with nothing in it where there is nothing. */
export const raw = (contentType: string, body: Uint8Array | undefined): Reply =>
  reply({
    raw: body === undefined ? { status: 204, contentType, body: noBytes } : { status: 200, contentType, body },
  });
