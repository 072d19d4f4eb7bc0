/** Fields that come in base64. */
import { decodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import { refuse, type Fault } from '../../fault.ts';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Refuses with `prefix` and Go's reason, or in words of its own. */
export function bytesOf(text: string, fault: (reason: string) => Fault = (why) => refuse(why)): Uint8Array {
  if (text === '') return noBytes;
  try {
    return decodeBase64(text);
  } catch (error) {
    throw fault(reason(error));
  }
}

export const contextOf = (text: string): Uint8Array => bytesOf(text, () => refuse('failed to base64-decode context'));

export const inputOf = (text: string): Uint8Array =>
  bytesOf(text, (why) => refuse(`unable to decode input as base64: ${why}`));
