/** A text as a picture of its QR code. */
import { encodeBase64 } from './base64.ts';
import { squarePng } from './png.ts';
import { qrCode } from './qr.ts';

/** No code, or no picture of it, can be made; in upstream's words. */
export class QrError extends Error {
  constructor(message: string) {
    super(`failed to generate QR code image: ${message}`);
    this.name = 'QrError';
  }
}

/** PNG in base64, `size` pixels wide and high. The code stands in the middle. Throws QrError. */
export function qrPng(text: string, size: number): string {
  const modules = qrCode(text);
  if (modules === undefined) throw new QrError(`No encoding found to encode "${text}"`);
  const { length } = modules;
  if (size < length) throw new QrError(`can not scale barcode to an image smaller than ${length}x${length}`);
  const scale = Math.floor(size / length);
  const margin = Math.floor((size - scale * length) / 2);
  const isDark = (x: number, y: number): boolean =>
    modules[Math.floor((y - margin) / scale)]?.[Math.floor((x - margin) / scale)] === true;
  return encodeBase64(squarePng(size, isDark));
}
