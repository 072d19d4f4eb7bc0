/** `plugin "secret" "name" { … }`: programs, which are not run here; what is built in may be named. */
import { quote } from '../../codec/go-quote.ts';
import type { HclItem } from '../../codec/hcl.ts';
import { Block, ConfigurationError, blockOf } from './values.ts';

export const PLUGIN_TYPES: ReadonlySet<string> = new Set(['auth', 'secret', 'database', 'kms']);
const BEHAVIORS: ReadonlySet<string> = new Set(['', 'fail', 'continue']);
const SUM_LENGTH = 64;

export interface PluginStanza {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  /** One of the two names the program. */
  readonly image: string;
  readonly command: string;
}

/** Throws ConfigurationError. */
export const pluginStanzas = (items: readonly HclItem[], json: boolean): PluginStanza[] =>
  items.map((item, index) => {
    const { keys } = item;
    const where = `error parsing 'plugin': plugin.${index}`;
    const block = new Block(blockOf(item, where, json));
    if (keys.length !== 3) throw new ConfigurationError(`${where}: plugin type must be specified`);
    const [version, image, command] = ['version', 'image', 'command'].map((key) => block.string(key));
    const [type = '', name = ''] = [keys[1]?.text, keys[2]?.text];
    return { type, name, version: version!, image: image!, command: command! };
  });

/** In upstream's order; places of stanzas are not known there. */
export function pluginWarnings(top: Block, items: readonly HclItem[]): string[] {
  const found: string[] = [];
  const behavior = top.string('plugin_download_behavior');
  if (!BEHAVIORS.has(behavior)) {
    found.push(`plugin_download_behavior must be either "fail" or "continue", got ${quote(behavior)} at -`);
  }
  for (const { keys, value } of items) {
    if (value.kind !== 'object') continue;
    const [type, name] = [keys[1]?.text ?? '', keys[2]?.text ?? ''];
    if (!PLUGIN_TYPES.has(type))
      found.push(`plugin ${quote(name)}: ${quote(type)} is not a supported plugin type at -`);
    const block = new Block(value);
    const wrong = (text: string): void => void found.push(`plugin ${quote(`${type}-${name}`)}: ${text} at -`);
    if (block.string('image') === '' && block.string('command') === '') wrong('image and command cannot both be empty');
    if (block.string('version') === '') wrong('version cannot be empty');
    const sum = block.string('sha256sum');
    if (sum !== '' && sum.length !== SUM_LENGTH) {
      wrong(`sha256sum must be exactly ${SUM_LENGTH} characters, got ${sum.length}`);
    }
  }
  return found;
}
