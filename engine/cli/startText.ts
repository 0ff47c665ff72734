// What is said below the address when the engine is up: where the data is, what clock runs, who else is told, what is not as usual.

import { storePath } from '../app.ts';
import { type Config, configFrom } from '../config.ts';

export interface Started {
  readonly folder: string;
  readonly store: string;
  readonly influx: readonly string[];
  readonly influx2: readonly string[];
  readonly webhook: readonly string[];
  readonly config: Config;
}

const clocks: Readonly<Record<Config['clock'], string>> = {
  wall: 'wall: real time',
  feed: 'feed: of the one client that sends ticks',
};

/** A line each. Passwords and tokens are left out, and of a webhook the path, which may be one. */
export function startText({ folder, store, influx, influx2, webhook, config }: Started): string {
  const receivers = [
    ...[...influx, ...influx2].map((url) => `${new URL(url).origin}${new URL(url).pathname}`),
    ...webhook.map((url) => `webhook ${new URL(url).origin}`),
  ];
  const lines = {
    data: folder,
    clock: clocks[config.clock],
    store: store === 'memory' ? 'memory: gone when it stops' : `DuckDB, ${storePath(folder)}`,
    'sent to': receivers.length === 0 ? 'nobody' : receivers.join(', '),
    options: `${changedText(config)} (--print-config shows all)`,
  };
  return Object.entries(lines)
    .map(([name, line]) => `  ${name.padEnd(8)} ${line}\n`)
    .join('');
}

/** The clock has a line of its own. */
function changedText(config: Config): string {
  const usual: Readonly<Record<string, unknown>> = configFrom({ clock: config.clock });
  const changed = Object.entries(config).flatMap(([key, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return JSON.stringify(value) === JSON.stringify(usual[key]) ? [] : [`${key}=${text}`];
  });
  return changed.length === 0 ? 'as by default' : `${changed.join(', ')}, the rest as by default`;
}
