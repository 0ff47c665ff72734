// `lantian replay`: a file through the engine, headless at full speed or into a running engine at a speed.

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { runHeadless } from '../../../simulator/lab/headless.ts';
import {
  isJournal,
  type RecordingStart,
  recordedRegister,
  recordingStart,
  replayJournal,
  withRules,
} from '../../../simulator/lab/replayJournal.ts';
import { progress } from '../../../simulator/progress.ts';
import { openReader } from '../../../simulator/readers/openReader.ts';
import type { Reader } from '../../../simulator/readers/reader.ts';
import { drive } from '../../../simulator/simulate.ts';
import { formatBeijing } from '../../domain/calendar.ts';
import type { Ledger } from '../../schema/ledger.ts';
import { runToFiles } from '../headless.ts';
import { loadRegister } from '../loadRegister.ts';
import { loadRules, rulesFlag } from '../loadRules.ts';
import { problemPrinter } from '../problemPrinter.ts';
import { untilStopped } from '../signals.ts';
import { collect, parseSpeed, UsageError } from '../usage.ts';
import { parseFormat } from './simulate.ts';

interface ReplayFlags {
  readonly url?: string;
  readonly out?: string;
  readonly speed: string;
  readonly edition?: string;
  readonly register?: string;
  readonly rules?: string;
  readonly strict: boolean;
  readonly store: string;
  readonly format: string;
  readonly json: boolean;
  readonly option: readonly string[];
}

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description(
      'run a recording (input.journal) or a public file through the engine: CNEMC china_sites and snapshots, UCI Beijing CSV, NDJSON (gz too)',
    )
    .argument('<file>')
    .option('--out <dir>', 'headless: write the files of a run there')
    .option('--url <address>', 'send to an engine that was started with: lantian serve --clock feed')
    .option('--speed <number|max>', 'event time per real time', 'max')
    .option('--edition <id>', 'headless: AQI edition: auto, hj633-2012, hj633-2026, cnemc (default: auto)')
    .option('--register <dir>', 'headless: register of the city; default: the simulated Hengshui')
    .option(rulesFlag[0], `headless: ${rulesFlag[1].replace('defaults', 'defaults, or those of the recording')}`)
    .option('--strict', 'headless: refuse sources that are not in the register', false)
    .option('--store <duckdb|none>', 'headless: keep history.duckdb beside the files', 'duckdb')
    .option('--format <columns|json>', 'with --url: wire format', 'columns')
    .option('--json', 'print the summary as JSON', false)
    .option('--option <key=value>', 'headless: any other option of engine/config.ts', collect, [])
    .addHelpText(
      'after',
      '\nExample:\n  lantian replay china_sites_20170101.csv.gz --speed max --edition cnemc --out ./run1\n  lantian replay ./run1/input.journal --out ./run2     # the same bytes\n  lantian replay ./data/journal --out ./run3           # from the oldest point that was kept\n  lantian replay china_sites_20170101.csv.gz --url http://127.0.0.1:8600 --speed 3600\n',
    )
    .action(async (file: string, flags: ReplayFlags) => {
      if ((flags.url === undefined) === (flags.out === undefined))
        throw new UsageError('replay needs one of --out DIR (headless) and --url ADDRESS (into a running engine)');
      if (flags.url !== undefined && flags.rules !== undefined)
        throw new UsageError('--rules goes with --out; a running engine has its own (lantian serve --rules)');
      const stop = new AbortController();
      void untilStopped().then(() => stop.abort());
      await (flags.url === undefined
        ? headless(file, flags, flags.out as string, stop.signal)
        : send(file, await openReader(file), flags, flags.url, stop.signal));
      process.exit();
    });
}

async function headless(file: string, flags: ReplayFlags, out: string, signal: AbortSignal): Promise<void> {
  if (parseSpeed(flags.speed) !== 'max')
    throw new UsageError(`--speed is "${flags.speed}"; a headless run (--out) goes at max; a speed needs --url`);
  const rules = await loadRules(flags.rules);
  const shared = { ...flags, rules, out, feed: 'replay', signal };
  if (isJournal(file)) {
    if (resolve(file, '..') === resolve(out))
      throw new UsageError(`--out is "${out}", the folder of the recording, which would be overwritten; allowed: another folder`);
    if (flags.edition !== undefined || flags.register !== undefined || flags.option.length > 0)
      throw new UsageError('a recording runs with its own register and options: leave out --edition, --register and --option');
    const start = await recordingStart(file);
    const { state, position } = start;
    const pipeline = withRules(start.pipeline, rules);
    process.stderr.write(`lantian: ${file} is replayed ${startText(start)}\n`);
    await runToFiles((run, options) => replayJournal(run, file, { ...options, position, rules }), {
      ...shared,
      edition: pipeline.air.edition,
      pipeline,
      state,
      register: recordedRegister(pipeline),
      summary: { verb: 'replay', file, format: 'journal' },
    });
    return;
  }
  const reader = await openReader(file);
  const register = await loadRegister(flags.register);
  await runToFiles((run, options) => runHeadless(run, reader.steps(), options), {
    ...shared,
    feed: (await reader.feed?.()) ?? shared.feed,
    edition: flags.edition ?? 'auto',
    register,
    summary: { verb: 'replay', file, format: reader.format },
  });
}

/** From when on. */
function startText({ state, position }: RecordingStart): string {
  if (state === undefined) return 'from its beginning';
  const from = state.nowMs === null ? `byte ${position}` : formatBeijing(state.nowMs);
  return `from ${from} on: what was before has been dropped (journalKeepBytes, journalKeepMs)`;
}

async function send(file: string, reader: Reader, flags: ReplayFlags, url: string, signal: AbortSignal): Promise<void> {
  const speed = parseSpeed(flags.speed);
  const problems = problemPrinter();
  const client = await connectFeed({
    url,
    feed: 'replay',
    clock: 'feed',
    format: parseFormat(flags.format),
    epoch: `${file} ${Date.now()}`,
    onProblem: ({ message, value, allowed, frame }) => problems.print({ file: `frame ${frame}`, message, value, allowed }),
  });
  const bar = progress({ stream: process.stderr, nowMs: () => performance.now() });
  let rows = 0;
  const late = process.stderr.isTTY ? lateRowsOf(url) : undefined;
  await drive(client, reader.steps(), {
    speed,
    signal,
    onStep: (step, count) => {
      rows += count;
      for (const problem of step.problems) problems.print(problem);
      bar.show({ eventMs: step.nowMs, rows, lateRows: late?.rows(), share: step.share });
    },
  });
  late?.stop();
  bar.end();
  if (!signal.aborted) await client.end();
  client.close();
  process.stdout.write(`${rows} rows sent, ${problems.end()} problems\n`);
}

/** Late rows of the engine's feed `replay`, asked for once a second; undefined while the engine has not said. */
function lateRowsOf(url: string) {
  const ledgerUrl = new URL('/api/ledger', url.replace(/^ws/, 'http'));
  let late: number | undefined;
  const ask = async () => {
    const { rows } = (await (await fetch(ledgerUrl)).json()) as Ledger;
    const own = rows.filter(({ feed }) => feed === 'replay');
    late = own.reduce((sum, { bins }) => sum + bins.lateRevised + bins.lateDiverted, 0);
  };
  const timer = setInterval(() => void ask().catch(() => {}), 1000);
  return { rows: () => late, stop: () => clearInterval(timer) };
}
