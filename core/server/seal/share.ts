/** Key shares as people type them, and what is wrong with them. */
import { decodeBase64 } from '../../codec/base64.ts';
import { decodeHex } from '../../codec/hex.ts';
import { Fault, failure, refuse } from '../../fault.ts';
import { equalBytes } from '../../codec/bytes.ts';

const minimumBytes = 16;
/** A 32-byte key and the x of its share. */
const maximumBytes = 33;

/** Upstream's ErrInvalidKey; `reason` is what some messages print without the prefix. */
export class InvalidKey extends Fault {
  readonly reason: string;
  constructor(reason: string) {
    super('error', `invalid key: ${reason}`);
    this.name = 'InvalidKey';
    this.reason = reason;
  }
}

/**
 * Hex, else standard base64. Hex of an impossible length is read as base64, because some base64 looks like hex;
 * `sys/generate-root-token` alone takes hex of any length (`anyLength`), and refuses with a bare error.
 */
export function decodeShare(text: string, options: { anyLength?: boolean } = {}): Uint8Array {
  const hex = attempt(decodeHex, text);
  if (hex !== undefined) {
    if (options.anyLength === true) return hex;
    if (hex.length >= minimumBytes && hex.length <= maximumBytes) return hex;
  }
  const base64 = attempt(decodeBase64, text);
  if (base64 === undefined) {
    const message = "'key' must be a valid hex or base64 string";
    throw options.anyLength === true ? failure(message) : refuse(message);
  }
  return base64;
}

/** For namespaces: hex of any length, else base64. */
export function decodeNamespaceShare(text: string): Uint8Array {
  const hex = attempt(decodeHex, text);
  if (hex !== undefined) return hex;
  try {
    return decodeBase64(text);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

export function checkShareLength(share: Uint8Array): void {
  if (share.length < minimumBytes) throw new InvalidKey(`key is shorter than minimum ${minimumBytes} bytes`);
  if (share.length > maximumBytes) throw new InvalidKey(`key is longer than maximum ${maximumBytes} bytes`);
}

export const alreadyGiven = (progress: readonly Uint8Array[], share: Uint8Array): boolean =>
  progress.some((given) => equalBytes(given, share));

function attempt(decode: (text: string) => Uint8Array, text: string): Uint8Array | undefined {
  try {
    return decode(text);
  } catch {
    // The caller tries another encoding.
    return undefined;
  }
}
