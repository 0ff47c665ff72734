// Runs the benchmarks, each part in a process of its own, and prints medians with ranges: `main.ts NAME RUNS`.

import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { compare, comparisonText } from '../../simulator/lab/statistics/compare.ts';
import { seasons } from '../../simulator/lab/statistics/series.ts';
import { readTargets } from '../../simulator/lab/statistics/targets.ts';
import { judge } from './findings.ts';

const [name = 'all', runsText = '5'] = process.argv.slice(2);
const runs = Number(runsText);
const names = [
  'columns',
  'json',
  'latency',
  'rxjs',
  'state',
  'recovery',
  'simulator',
  'websocket',
  'outage',
  'air',
  'findings',
  'orders',
];
/** Of the judgement of findings: below 9000 are seeds for tuning. */
const firstSeed = Number(process.env.LANTIAN_SEED ?? '9000');
/** So much of the city comes first, a row a minute: rules look back for hours. */
const warmMinutes = 240;
/** Of the outage, which is not part of `all`. */
const outageSeconds = process.env.LANTIAN_SECONDS ?? '600';
if (name !== 'all' && !names.includes(name)) {
  console.error(`there is no benchmark "${name}"; allowed: ${names.join(', ')}, all`);
  process.exit(1);
}

type Message = Record<string, number> & { readonly url?: string };

const script = (file: string) => fileURLToPath(new URL(file, import.meta.url));
function start(file: string, args: readonly string[], node: readonly string[] = []) {
  const child = fork(script(file), args, { execArgv: ['--import', 'tsx', ...node] });
  const next = () =>
    new Promise<Message>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Message));
      child.once('exit', (code) => reject(new Error(`${file} ended with exit code ${code}`)));
    });
  return { child, next };
}

async function withEngine(
  engineArgs: readonly string[],
  file: string,
  args: readonly string[],
): Promise<{ readonly client: Message; readonly engine: Message }> {
  const engine = start('engineProcess.ts', engineArgs);
  const { url } = await engine.next();
  const sender = start(file, [url as string, ...args]);
  let client = await sender.next();
  if (client.isWarm === 1) {
    engine.child.send('begin');
    await engine.next();
    sender.child.send('go');
    client = await sender.next();
  }
  engine.child.send('end');
  const cost = await engine.next();
  await new Promise((resolve) => engine.child.once('exit', resolve));
  return { client, engine: cost };
}

function median(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const digits = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));
  return `${digits(sorted[Math.floor(sorted.length / 2)])} (${digits(sorted[0])}–${digits(sorted[sorted.length - 1])})`;
}

type Cost = { readonly client: Message; readonly engine: Message };

async function cost(title: string, engineArgs: readonly string[], args: readonly (string | number)[]): Promise<Cost> {
  const found = await withEngine(engineArgs, 'generator.ts', args.map(String));
  const { client, engine } = found;
  if (engine.received !== client.sent || client.problems > 0)
    throw new Error(`${title}: ${engine.received} of ${client.sent} rows, ${client.problems} problems`);
  return found;
}

const valuesPerS = ({ client }: Cost) => client.values / client.seconds;
const valuesPerCpuS = ({ client, engine }: Cost) => (client.values / engine.cpuMs) * 1000;

function tell(title: string, costs: readonly Cost[]): void {
  const each = (value: (found: Cost) => number) => median(costs.map(value));
  console.log(
    `| ${title} | ${each(valuesPerS)} | ${each(({ client }) => client.rows / client.seconds)} | ${each(valuesPerCpuS)} | ${each(({ client }) => client.frames / client.seconds)} | ${each(({ engine }) => engine.rssMiB)} |`,
  );
}

async function throughput(title: string, engineArgs: readonly string[], ...args: readonly (string | number)[]): Promise<void> {
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run++) costs.push(await cost(title, engineArgs, args));
  tell(title, costs);
}

/** Engines that differ in one thing each, in turn, so that what else the machine does meets all of them. Gives lines about what it costs. */
async function inTurn(
  rivals: readonly { readonly title: string; readonly engine: readonly string[]; readonly thing?: string }[],
  ...args: readonly (string | number)[]
): Promise<readonly string[]> {
  const costs: Cost[][] = rivals.map(() => []);
  for (let run = 0; run < runs; run++) {
    // Every other time backwards, so that nobody always comes first.
    const order = run % 2 === 0 ? [...rivals.entries()] : [...rivals.entries()].reverse();
    for (const [i, { title, engine }] of order) costs[i].push(await cost(title, engine, args));
  }
  rivals.forEach(({ title }, i) => {
    tell(title, costs[i]);
  });
  const ratio = (i: number, of: (found: Cost) => number) => median(costs[i].map((own, run) => of(own) / of(costs[i - 1][run])));
  return rivals.flatMap(({ thing }, i) =>
    thing === undefined
      ? []
      : [`${thing}: ${ratio(i, valuesPerS)} of the values/s without, ${ratio(i, valuesPerCpuS)} of the values per CPU second`],
  );
}

/** Minutes of the simulated city that count, and those before them. */
const besideMinutes = 1440;
const besideWarm = 120;

async function beside(title: string, store: string, format: string): Promise<void> {
  const results: Cost[] = [];
  for (let run = 0; run < runs; run++) {
    const found = await withEngine([store, 'feed', 'journal'], 'websocket.ts', [format, `${besideMinutes}`, `${besideWarm}`]);
    if (found.client.problems > 0) throw new Error(`${title}: ${found.client.problems} problems`);
    results.push(found);
  }
  const each = (value: (found: Cost) => number) => median(results.map(value));
  /** Until everything is in the store. */
  const seconds = ({ client, engine }: Cost) => client.seconds + engine.storedMs / 1000;
  console.log(
    `| ${title} | ${each((found) => (found.client.minutes * 60) / seconds(found))} | ${each((found) => (seconds(found) * 1000) / found.client.minutes)} | ${each(({ engine }) => engine.cpuMs / besideMinutes)} | ${each(({ client }) => client.cpuMs / client.minutes)} | ${each(({ client }) => client.startMs / 1000)} |`,
  );
}

console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, ${runs} runs: median (min–max)\n`);
if (name === 'all' || name === 'columns' || name === 'json') {
  console.log('| | values/s | rows/s | values per CPU second | frames/s | RSS MiB |\n|---|---|---|---|---|---|');
}
let ratios: readonly string[] = [];
if (name === 'all' || name === 'columns') {
  ratios = await inTurn(
    [
      { title: 'columns, 1 s of city per frame and kind, no store, all rules off', engine: ['none', 'feed', 'noRules'] },
      { title: 'the same with all rules on', engine: ['none', 'feed'], thing: 'all rules' },
      { title: 'and with journal and checkpoints', engine: ['none', 'feed', 'journal'], thing: 'journal and checkpoints' },
    ],
    ...['columns', 100_000, 1500, warmMinutes],
  );
  await throughput('columns, 10 rows per frame, no store', ['none', 'feed'], 'columns', 10, 150);
  await throughput('columns, 1 s of city per frame and kind, DuckDB', ['duckdb', 'feed'], 'columns', 100_000, 300);
}
if (name === 'all' || name === 'json') {
  await throughput('JSON, 1 row per message, no store', ['none', 'feed'], 'json', 1, 60);
  await throughput('JSON, 100 rows per message, no store', ['none', 'feed'], 'json', 100, 150);
}
for (const line of ratios) console.log(`\n${line}`);
if (name === 'all' || name === 'latency') {
  const results = [];
  for (let run = 0; run < runs; run++)
    results.push((await withEngine(['duckdb', 'wall', 'journal'], 'latency.ts', ['15'])).client);
  console.log(
    `\nlatency, send to /live, one city round a second, DuckDB: p50 ${median(results.map(({ p50 }) => p50))} ms, p99 ${median(results.map(({ p99 }) => p99))} ms`,
  );
}
if (name === 'all' || name === 'rxjs') {
  const results = [];
  for (let run = 0; run < runs; run++) results.push(await start('perRow.ts', []).next());
  console.log(
    `\nminute means of 162 stations: per-row RxJS ${median(results.map((each) => each.perRow))} rows/s, clean + window ${median(results.map((each) => each.columns))} rows/s, ratio ${median(results.map((each) => each.ratio))}`,
  );
}
if (name === 'all' || name === 'recovery') {
  const results: Message[] = [];
  for (let run = 0; run < runs; run++) results.push(await start('recovery.ts', []).next());
  console.log(
    `\nstart after a crash, a minute of the city at one row a second behind the checkpoint: first output after ${median(results.map(({ firstMs }) => firstMs))} ms, everything after ${median(results.map(({ openMs }) => openMs))} ms`,
  );
}
if (name === 'all' || name === 'state') {
  const results: Message[] = [];
  for (let run = 0; run < runs; run++) results.push(await start('state.ts', ['60'], ['--expose-gc']).next());
  const each = (value: (result: Message) => number) => median(results.map(value));
  console.log(
    `\nstate of the whole city after 49 h at one row a minute: ${each(({ state }) => state)} MiB (clean ${each(({ clean }) => clean)}, window ${each((result) => result.window)}), heap + external ${each(({ memory }) => memory)} MiB; a checkpoint copies it in ${each(({ copyMs }) => copyMs)} ms, holds the flow for ${each(({ pauseMs }) => pauseMs)} ms at once and ${each(({ portionMs }) => portionMs)} ms in the longest portion afterwards, and is written after ${each(({ writtenMs }) => writtenMs)} ms`,
  );
}
if (name === 'all' || name === 'orders') {
  const results: Message[] = [];
  for (let run = 0; run < runs; run++) results.push(await start('orders.ts', []).next());
  const each = (value: (result: Message) => number) => median(results.map(value));
  const [{ enterprises, orders, changes }] = results;
  console.log(
    `\norange for ${enterprises} enterprises, from the decision: ${orders} orders in ${each(({ ordersMs }) => ordersMs)} ms (${each(({ ordersCpuMs }) => ordersCpuMs)} ms of CPU); upgrade to red, ${changes} changes in ${each(({ changesMs }) => changesMs)} ms; lift in ${each(({ liftMs }) => liftMs)} ms; GB18030 CSV (${each(({ csvMiB }) => csvMiB)} MiB) in ${each(({ csvMs }) => csvMs)} ms`,
  );
}
if (name === 'all' || name === 'simulator') {
  const results: Message[] = [];
  for (let run = 0; run < runs; run++) results.push(await start('simulator.ts', ['24'], ['--expose-gc']).next());
  const each = (value: (result: Message) => number) => median(results.map(value));
  console.log(
    `\nsimulated city alone, a row a minute of every kind: ${each(({ speed }) => speed)} times real time (${each(({ msPerMinute }) => msPerMinute)} ms a minute, ${each(({ rowsPerS }) => rowsPerS)} rows/s), RSS ${each(({ rssMiB }) => rssMiB)} MiB, heap + external after a collection ${each(({ memoryMiB }) => memoryMiB)} MiB`,
  );
}
if (name === 'all' || name === 'websocket') {
  console.log('\nthe simulator beside the engine with its journal, a row a minute of every kind, over WebSocket in lockstep:\n');
  console.log(
    '| | times real time | ms a minute | engine CPU, ms a minute | simulator CPU, ms a minute | start-up of the simulator, s |\n|---|---|---|---|---|---|',
  );
  for (const format of ['columns', 'json'])
    for (const store of ['duckdb', 'none']) await beside(`${format}, ${store === 'none' ? 'no store' : 'DuckDB'}`, store, format);
}
if (name === 'air') {
  const targets = readTargets();
  const bySeed: Record<string, number>[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const parts = await Promise.all(seasons.map((season) => start('air.ts', [String(seed), season]).next()));
    bySeed.push(Object.assign({}, ...parts));
  }
  console.log(comparisonText(compare(bySeed, targets)));
}
if (name === 'findings') await judge(firstSeed, runs, `.lantian/judgement-${firstSeed}`);
if (name === 'outage') {
  const ways = ['stopped', '500', '429', 'hang', 'cut'];
  const results = await Promise.all(ways.map((way) => start('outage.ts', [way, outageSeconds], ['--expose-gc']).next()));
  console.log(`influxd away for ${outageSeconds} s, one city round a second, all five at once:\n`);
  console.log(
    '| server | points | lost | refused | heap + external before, MiB | growth, MiB | spool, MiB | inflow, points/s | drain, points/s | ratio |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const [i, each] of results.entries())
    console.log(
      `| ${ways[i]} | ${each.points} | ${each.lost} | ${each.failed} | ${each.before.toFixed(0)} | ${each.growth.toFixed(1)} | ${each.spooledMiB.toFixed(1)} | ${each.inflow.toFixed(0)} | ${each.drain.toFixed(0)} | ${(each.drain / each.inflow).toFixed(0)} |`,
    );
}
