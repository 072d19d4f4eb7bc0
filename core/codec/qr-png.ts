/** A text as a picture of its QR code. */
import { encodeBase64 } from './base64.ts';
import { squarePng } from './png.ts';
import { qrCode } from './qr.ts';

/** How many modules wide and high the code of a text is. */
export const qrModules = (text: string): number => qrCode(text).length;

/** PNG in base64, `size` pixels wide and high; at least a pixel a module. The code stands in the middle. */
export function qrPng(text: string, size: number): string {
  const modules = qrCode(text);
  const width = Math.max(size, modules.length);
  const scale = Math.floor(width / modules.length);
  const margin = Math.floor((width - scale * modules.length) / 2);
  const isDark = (x: number, y: number): boolean =>
    modules[Math.floor((y - margin) / scale)]?.[Math.floor((x - margin) / scale)] === true;
  return encodeBase64(squarePng(width, isDark));
}
