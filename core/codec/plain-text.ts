import { Base64Error, decodeBase64 } from './base64.ts';
import { decodeUtf8 } from './utf8.ts';

/** Whatever is base64 counts as what it encodes; the rest is as it is. */
export function plainText(sent: string): string {
  try {
    return decodeUtf8(decodeBase64(sent));
  } catch (error) {
    if (error instanceof Base64Error) return sent;
    throw error;
  }
}
