// The table of operator settings as flags of a command, and back to settings.
import type { Command } from 'commander';
import { CEILING_SETTINGS, readSettings, SETTINGS, type Settings, unknownSettings } from '#router';
import type { Io } from './io.ts';
import { printWarning } from './print.ts';

export function addSettings(made: Command): Command {
  for (const { flag, kind, env, help, ...setting } of [...SETTINGS, ...CEILING_SETTINGS]) {
    const value = kind.is === 'switch' ? '' : kind.is === 'choice' ? ` <${kind.of.join('|')}>` : ` <${kind.is}>`;
    const standard =
      setting.default === undefined || Array.isArray(setting.default) ? '' : `, default ${setting.default}`;
    made.option(`--${flag}${value}`, `${help} (${env}${standard})`);
  }
  return made;
}

/** Warns of environment variables that look like settings and are none. @throws TineError `invalid_config` */
export function settingsOf(flags: Readonly<Record<string, unknown>>, io: Io): Settings {
  const settings = readSettings(io.env, flags);
  for (const text of unknownSettings(io.env)) printWarning(io, { text });
  return settings;
}
