// Wrong use of the command line, and readers of its values.

import { type Config, ConfigError, configFrom, options } from '../config.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `60`, `x60`, `×60` or `max`. */
export function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = Number(text.replace(/^[x×]/, ''));
  if (speed > 0 && speed <= 1e6) return speed;
  throw new UsageError(`--speed is "${text}"; allowed: a number above 0 up to 1000000 (60 = sixty times real time), or max`);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port is "${text}"; allowed: 0 to 65535 (0 = any free one)`);
}

/** The configuration from `--option key=value` pairs and named flags. */
export function parseConfig(pairs: readonly string[], flags: Readonly<Record<string, unknown>>): Config {
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flags)) if (value !== undefined) given[key] = value;
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new UsageError(
        `--option is "${pair}"; allowed: key=value with one of ${Object.keys(options).join(', ')}, range.KIND.METRIC`,
      );
    const text = pair.slice(at + 1);
    given[pair.slice(0, at)] = text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
  }
  try {
    return configFrom(given);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
