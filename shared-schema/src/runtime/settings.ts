/**
 * Settings from the environment: one table says name, kind, default and what the setting is for; all
 * faults are reported at once. Only `main.ts` of the command line reads the environment itself.
 */
export type SettingKind = 'text' | 'url' | 'listen' | 'directory' | 'integer';

export type Setting = {
  readonly kind: SettingKind;
  /** Absent: the setting is required. */
  readonly fallback?: string;
  readonly describe: string;
};

export type SettingsTable = Readonly<Record<string, Setting>>;

export type Settings<T extends SettingsTable> = Readonly<Record<keyof T, string>>;

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The values of all settings, checked. Throws one SettingsError that lists every fault. */
export function readSettings<T extends SettingsTable>(table: T, env: Environment): Settings<T> {
  const faults: string[] = [];
  const values: Record<string, string> = {};
  for (const [name, setting] of Object.entries(table)) {
    const value = env[name] ?? '';
    const chosen = value === '' ? setting.fallback : value;
    const fault = chosen === undefined ? 'is not set' : faultOf(setting.kind, chosen);
    if (fault !== undefined) faults.push(`${name} ${fault}. ${setting.describe}`);
    values[name] = chosen ?? '';
  }
  if (faults.length > 0) {
    throw new SettingsError(`The settings need attention:\n- ${faults.join('\n- ')}`);
  }
  // every name of the table was given a value above
  return Object.freeze(values) as Settings<T>;
}

function faultOf(kind: SettingKind, value: string): string | undefined {
  switch (kind) {
    case 'url':
      return URL.canParse(value) ? undefined : 'is no URL';
    case 'listen':
      return parseListen(value) === undefined ? 'is no host:port' : undefined;
    case 'integer':
      return /^[0-9]{1,9}$/u.test(value) ? undefined : 'is no whole number';
    case 'text':
    case 'directory':
      return undefined;
  }
}

export type ListenAddress = { readonly host: string; readonly port: number };

/** `127.0.0.1:8443`, `[::1]:8443` or `hub.example.vn:8443`. */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([a-zA-Z0-9.-]+)):([0-9]{1,5})$/u.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return match === null || host === undefined || port > 65_535 ? undefined : { host, port };
}
