/** How the seals of clouds find a setting: the first variable of the environment that is there, else the block. */
import type { SealSources, SealStanza } from './configured.ts';

export type CloudSetting = (name: string, ...variables: readonly string[]) => string;

export const cloudSettings =
  (settings: SealStanza['settings'], sources: SealSources): CloudSetting =>
  (name, ...variables) =>
    variables.map((variable) => sources.environment(variable)).find((value) => value !== undefined) ??
    settings[name] ??
    '';
