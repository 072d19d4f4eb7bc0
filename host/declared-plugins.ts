/** What upstream would say of the programs that `plugin` stanzas name, as far as none is run. */
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import type { PluginStanza } from '../core/server/configuration/plugins.ts';
import type { DeclaredPlugin } from '../core/server/mounts/declared-plugins.ts';

export const declaredPlugins = ({ plugins, pluginDirectory }: Configuration): DeclaredPlugin[] =>
  plugins.map((plugin) => ({ type: plugin.type, name: plugin.name, refused: refusal(plugin, pluginDirectory) }));

function refusal({ type, name, version, image, command }: PluginStanza, directory: string): string {
  const program = image === '' ? command : `${type}-${name}-${version}`;
  if (program === '' && directory !== '') return 'cannot execute files outside of configured plugin directory';
  const path = directory === '' ? program : join(resolve(directory), program);
  try {
    lstatSync(path);
    return 'programs are not run here';
  } catch {
    return `error while validating the command path: lstat ${path}: no such file or directory`;
  }
}
