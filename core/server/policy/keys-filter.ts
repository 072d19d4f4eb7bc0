/** Templates of list_scan_response_keys_filter_path: which path decides whether a key of a listing is shown. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import { upstreamFunctions, type TemplateWorld } from '../../codec/go-template/upstream-functions.ts';

/** Throws GoTemplateError. */
export function keysFilter(text: string, world: TemplateWorld): (path: string, key: string) => string {
  const template = new GoTemplate(text, upstreamFunctions(world), 'template', true);
  return (path, key) => template.run({ path, key });
}

/** All that a check needs: what is drawn differs each time, digests differ where texts do. */
function checkingWorld(): TemplateWorld {
  let drawn = 0;
  return {
    random: (length) => String(drawn++).padStart(length, '0'),
    uuid: () => String(drawn++),
    now: () => 0,
    sha256: (bytes) => encodeUtf8(bytes.join()),
  };
}

/** Upstream tries a template out on two keys. Undefined: nothing is wrong with it. */
export function filterComplaint(text: string): string | undefined {
  const name = 'list_scan_response_keys_filter_path';
  let filter: ReturnType<typeof keysFilter>;
  try {
    filter = keysFilter(text, checkingWorld());
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    return `unable to compile template for ${name}: unable to parse template: ${error.message}`;
  }
  try {
    if (filter('a/path', 'first') !== filter('a/path', 'other')) return undefined;
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    return `failed to validate ${name}: unable to apply template: ${error.message}`;
  }
  return `${name} resulted in same path for two different keys`;
}
