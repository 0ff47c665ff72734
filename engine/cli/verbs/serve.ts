// `lantian serve`: the engine.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { storePath } from '../../app.ts';
import { readUsers } from '../../edge/serve/users.ts';
import { type Serving, serve } from '../../serve.ts';
import { loadRegister } from '../loadRegister.ts';
import { loadRules, rulesFlag } from '../loadRules.ts';
import { mirrorSinks, webhookSinks } from '../mirrors.ts';
import { watchRules } from '../rulesWatch.ts';
import { untilStopped } from '../signals.ts';
import { startText } from '../startText.ts';
import { collect, parseConfig, parsePort, UsageError } from '../usage.ts';
import { builtViewer } from '../viewerBuild.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: string;
  readonly register?: string;
  readonly rules?: string;
  readonly strict: boolean;
  readonly clock: string;
  readonly edition: string;
  readonly out?: string;
  readonly store: string;
  readonly data: string;
  readonly influx: readonly string[];
  readonly influx2: readonly string[];
  readonly webhook: readonly string[];
  readonly viewer: boolean;
  readonly option: readonly string[];
  readonly printConfig: boolean;
}

/** With what is said of it when it is up. */
export interface Started extends Serving {
  readonly text: string;
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('the engine: takes rows over WebSocket, windows them, computes the AQI, stores and serves')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port (0 = any free one)', '8600')
    .option('--register <dir>', 'register of the city (lantian city --out DIR); default: the simulated Hengshui')
    .option(rulesFlag[0], `${rulesFlag[1]}; read again when it changes`)
    .option('--strict', 'refuse sources that are not in the register', false)
    .option('--clock <wall|feed>', 'real time, or the one client that sends ticks', 'wall')
    .option('--edition <id>', 'AQI edition: auto, hj633-2012, hj633-2026, cnemc', 'auto')
    .option('--out <dir>', 'also write the files of a run (windows-1h.ndjson …) there')
    .option('--store <duckdb|memory>', 'history', 'duckdb')
    .option('--data <dir>', 'folder of the DuckDB file', '.lantian/serve')
    .option('--influx <url>', 'mirror into InfluxDB 1.x: http://user:pass@host:8086/database', collect, [])
    .option('--influx2 <url>', 'mirror into InfluxDB 2.x: http://:token@host:8086/org/bucket', collect, [])
    .option(
      '--webhook <url>',
      'POST every incident that is new or has changed there as {"incidents":[…]}, warnings and orders as {"type":"emergency","warnings":[…],"orders":[…]}; signed with the secret in LANTIAN_WEBHOOK_SECRET',
      collect,
      [],
    )
    .option('--no-viewer', 'API only')
    .option('--option <key=value>', 'any other option of engine/config.ts', collect, [])
    .option(...printConfigFlag)
    .addHelpText(
      'after',
      '\nExample:\n  lantian serve --register ./register --influx http://127.0.0.1:8086\n  lantian serve --clock feed --out ./run1     # then: lantian replay FILE --url http://127.0.0.1:8600\n',
    )
    .action(async (flags: ServeFlags) => {
      const serving = await startServe(flags, (error) => {
        process.stderr.write(`lantian: ${error.message}\n`);
        process.exit(1);
      });
      process.stdout.write(`Lantian is listening on ${serving.url} (clock: ${flags.clock})\n${serving.text}`);
      await Promise.race([untilStopped(), flags.out === undefined ? new Promise(() => {}) : serving.ended]);
      await serving.close({ verb: 'serve' });
    });
}

/** For demo and serve. */
export const printConfigFlag = [
  '--print-config',
  'print the whole configuration as one line of JSON at the start',
  false,
] as const;

const journalSegmentBytes = 64 * 1024 * 1024;

/** Shared with the demo. */
export async function startServe(flags: ServeFlags, failed: (error: Error) => void): Promise<Started> {
  const config = parseConfig(flags.option, { clock: flags.clock, edition: flags.edition });
  if (flags.store !== 'duckdb' && flags.store !== 'memory') {
    throw new UsageError(`--store is "${flags.store}"; allowed: duckdb, memory`);
  }
  if (flags.printConfig) process.stderr.write(`configuration ${JSON.stringify(config)}\n`);
  const port = parsePort(flags.port);
  const mirrors = mirrorSinks(flags.influx, flags.influx2);
  const register = await loadRegister(flags.register);
  const rules = await loadRules(flags.rules);
  const folder = flags.out ?? flags.data;
  await mkdir(folder, { recursive: true });
  const notice = (text: string) => process.stderr.write(`lantian: ${text}\n`);
  const serving = await serve({
    config,
    register,
    rules,
    strict: flags.strict,
    out: flags.out,
    store: flags.store === 'memory' ? 'memory' : { duckdb: storePath(folder) },
    recording:
      flags.out === undefined
        ? { path: join(folder, 'journal'), segmentBytes: journalSegmentBytes, isDurable: true }
        : { path: join(flags.out, 'input.journal'), isDurable: true },
    users: await readUsers(flags.data),
    mirrors,
    ...webhookSinks(flags.webhook, process.env.LANTIAN_WEBHOOK_SECRET),
    spoolDir: join(folder, 'mirrors'),
    host: flags.host,
    port,
    viewerDir: flags.viewer ? await builtViewer() : undefined,
    notice,
    failed,
  });
  const text = startText({ ...flags, folder, config });
  if (flags.rules === undefined || rules === undefined) return { ...serving, text };
  const watch = watchRules({ file: flags.rules, rules, run: serving.run, notice, failed });
  return {
    ...serving,
    text,
    close(summary) {
      watch.stop();
      return serving.close(summary);
    },
  };
}
