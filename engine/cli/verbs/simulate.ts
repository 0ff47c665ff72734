// `lantian simulate`: the simulator as a client of a running engine, as a file that can be replayed, or as a picture.

import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { connectSteadily, type FeedClient } from '../../../simulator/feedClient.ts';
import { problemText } from '../../../simulator/fileProblem.ts';
import { episodeCourse } from '../../../simulator/lab/episodeCourse.ts';
import { episodeText } from '../../../simulator/lab/episodeText.ts';
import { episodePicture } from '../../../simulator/lab/picture/episodePicture.ts';
import { type Progress, progress } from '../../../simulator/progress.ts';
import type { Step } from '../../../simulator/readers/reader.ts';
import { openRecorder, recorded } from '../../../simulator/record.ts';
import { readScenario, scenarioFile } from '../../../simulator/scenario.ts';
import { drive, makeSimulation, obedience, type Simulation } from '../../../simulator/simulate.ts';
import type { Episode, Incident } from '../../../simulator/world/episode.ts';
import { namedIndex, sourcesByKind, unknownSources } from '../../../simulator/world/faults/namedSources.ts';
import type { TruthRecord } from '../../../simulator/world/truth/record.ts';
import type { Register } from '../../schema/register.ts';
import { loadRegister } from '../loadRegister.ts';
import { untilStopped } from '../signals.ts';
import { parseSpeed, UsageError } from '../usage.ts';

export interface SimulateFlags {
  readonly url?: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly format: string;
  readonly register?: string;
  readonly truth?: string;
  readonly record?: string;
  readonly describe: boolean;
  readonly out?: string;
}

const defaultUrl = 'http://127.0.0.1:8600';
const epochLengthMax = 64;

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description(
      'send a simulated city to an engine on the feed clock; or write it to a file (--record); or show what a scenario does (--describe)',
    )
    .argument('[scenario]', 'a scenario file, or the name of one that ships', 'quiet-week')
    .option('--url <address>', `the engine (default: ${defaultUrl}; with --record: none, the file is written at full speed)`)
    .option('--speed <number|max>', "event time per real time; default: the scenario's")
    .option('--seed <number>', "default: the scenario's")
    .option('--format <columns|json>', 'wire format', 'columns')
    .option('--register <dir>', 'register of the city; default: the simulated Hengshui')
    .option('--truth <file>', 'write the answer key there at the end (NDJSON): what really happened, and what can be seen of it')
    .option(
      '--record <file>',
      'write all rows and ticks there, for lantian replay; gzipped where the name ends with .gz (the whole city: about 830 MB a simulated day, a twelfth of it with .gz)',
    )
    .option('--describe', 'run the world alone: a summary, and a table of every six hours', false)
    .option('--out <file.svg>', 'with --describe: also draw curves and maps')
    .addHelpText(
      'after',
      `
When the engine goes away, the simulator looks for it for ten minutes and goes on where the engine's recording ends.

Example:
  lantian serve --clock feed &
  lantian simulate quiet-week --speed 600                                      # into the engine at 127.0.0.1:8600
  lantian simulate fan-off --seed 7 --speed max --format json --url http://127.0.0.1:9000 --register ./register
  lantian simulate winter-stagnation --describe --out winter.svg               # look before you run
  lantian simulate sensor-storm --record storm.ndjson.gz --truth truth.ndjson  # no engine needed
  lantian replay storm.ndjson.gz --out ./run1
`,
    )
    .action(async (name: string, flags: SimulateFlags) => {
      const stop = new AbortController();
      void untilStopped().then(() => stop.abort());
      await (flags.describe ? describeScenario(name, flags, stop.signal) : simulate(name, flags, stop.signal));
      process.exit();
    });
}

export async function loadScenario(name: string): Promise<Episode> {
  const file = scenarioFile(name);
  const { scenario, problems } = await readScenario(file);
  if (scenario === undefined) throw new Error(`the scenario cannot be used:\n${problems.map(problemText).join('\n')}`);
  return scenario;
}

/** A scenario that is ready to run, with the register that it runs in. */
export interface Loaded {
  readonly episode: Episode;
  readonly seed: number;
  readonly register: Register;
  readonly simulation: Simulation;
}

/** Shared with `run`. Rejects a scenario that names what the register does not have. */
export async function loadSimulation(
  name: string,
  flags: { readonly seed?: string; readonly register?: string; readonly autoSign?: boolean },
): Promise<Loaded> {
  const episode = await loadScenario(name);
  const seed = parseSeed(flags.seed, episode.seed);
  const register = await loadRegister(flags.register);
  // Where the engine orders, the scenario's own orders do not act.
  const simulation = makeSimulation(episode, register, seed, { scriptedFallback: flags.autoSign !== true });
  const missing = missingTargets(episode, register, simulation.city.activity.unresolved);
  if (missing.length > 0)
    throw new Error(
      `the scenario ${episode.id} cannot be run with this register:\n${missing.map((line) => `  ${line}`).join('\n')}`,
    );
  return { episode, seed, register, simulation };
}

/** What a scenario asks for and the register does not have, and what to change; a line each. */
export function missingTargets(
  episode: Pick<Episode, 'incidents' | 'sensorFaults' | 'networkFaults'>,
  register: Register,
  unresolved: readonly string[],
): readonly string[] {
  const stations = sourcesByKind(register).air;
  const faults = unknownSources(register, episode).map(
    ({ fault, source }) =>
      `fault ${fault}: there is no source "${source}"; name one of sources.ndjson (by id, or S001 for the first of its kind), or use the register that the scenario was written for (--register)`,
  );
  const incidents = episode.incidents.flatMap((incident) => {
    if (incident.kind === 'fire' && incident.at !== 'rural' && namedIndex(stations, incident.at.station) < 0)
      return [
        `incident ${incident.id}: there is no air station "${incident.at.station}"; name one of sources.ndjson, or say pick: rural`,
      ];
    return unresolved.includes(incident.id) ? [unresolvedText(incident)] : [];
  });
  return [...faults, ...incidents];
}

function unresolvedText(incident: Incident): string {
  if (!('target' in incident)) return `incident ${incident.id}: it finds no place in this register`;
  const { id, type, industry, district, rank } = incident.target;
  const head = `incident ${incident.id} (${incident.kind}) finds no target: `;
  if (id !== undefined)
    return `${head}there is no "${id}" of type ${type}; name another enterprise or source, or pick one (pick: random)`;
  const asked = [
    `type ${type}`,
    ...(industry === undefined ? [] : [`industry ${industry}`]),
    ...(district === undefined ? [] : [`county ${district}`]),
    ...(rank > 1 ? [`rank ${rank}`] : []),
  ];
  const other = [
    ...(industry === undefined ? [] : ['industry']),
    ...(district === undefined ? [] : ['county']),
    ...(rank > 1 ? ['rank'] : []),
  ];
  const advice = other.length === 0 ? 'take another type' : `leave out ${other.join(' or ')}, or take another type`;
  return `${head}nothing in the register is of ${asked.join(', ')} and does what it needs; ${advice}`;
}

/** A line each. */
export function truthText(records: readonly TruthRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

async function describeScenario(name: string, flags: SimulateFlags, signal: AbortSignal): Promise<void> {
  if (flags.out !== undefined && !flags.out.endsWith('.svg'))
    throw new UsageError(`--out is "${flags.out}"; allowed: a file that ends with .svg`);
  const episode = await loadScenario(name);
  const seed = parseSeed(flags.seed, episode.seed);
  const register = await loadRegister(flags.register);
  const bar = progress({ stream: process.stderr, nowMs: () => performance.now() });
  const course = await episodeCourse(episode, register, seed, { onStep: bar.show, signal });
  bar.end();
  if (course === undefined) return;
  process.stdout.write(episodeText(course, seed));
  for (const line of missingTargets(episode, register, course.unresolved)) process.stdout.write(`It would not run: ${line}\n`);
  if (flags.out === undefined) return;
  await writeFile(flags.out, episodePicture(course, seed));
  process.stdout.write(`picture: ${flags.out}\n`);
}

export async function simulate(name: string, flags: SimulateFlags, signal: AbortSignal): Promise<void> {
  const speed = flags.speed === undefined ? undefined : parseSpeed(flags.speed);
  const format = parseFormat(flags.format);
  if (flags.out !== undefined)
    throw new UsageError('--out needs --describe; rows are written by --record FILE, the files of a run by lantian run');
  const isAlone = flags.record !== undefined && flags.url === undefined;
  if (isAlone && speed !== undefined && speed !== 'max')
    throw new UsageError(`--speed is "${flags.speed}"; a recording without an engine is written at max; a speed needs --url`);
  const loaded = await loadSimulation(name, flags);
  const { episode, seed, simulation } = loaded;
  const bar = progress({ stream: process.stderr, nowMs: () => performance.now() });
  const feed = feedName(episode);
  const made = simulation.steps();
  const rows = rowCounter(bar);
  if (isAlone) {
    const recorder = await openRecorder(flags.record as string, feed);
    for await (const step of recorded(made, recorder)) {
      if (signal.aborted) break;
      rows.add(step);
    }
  } else {
    const url = flags.url ?? defaultUrl;
    const client = await connectSteadily({
      url,
      feed,
      clock: 'feed',
      format,
      epoch: `${episode.id.slice(0, 24)} ${seed} ${Date.now()}`.slice(0, epochLengthMax),
      signal,
      onNotice: (text) => bar.note(`lantian: ${text}`),
      ...obeying(simulation, bar),
    });
    const steps = flags.record === undefined ? made : recorded(made, await openRecorder(flags.record, feed));
    await send(client, steps, { speed: speed ?? episode.speed, paceFromMs: episode.startMs, signal, onStep: rows.add });
  }
  bar.end();
  if (flags.truth !== undefined) await writeFile(flags.truth, truthText(simulation.truth()));
  const files = [flags.record, flags.truth].filter((file) => file !== undefined);
  if (files.length > 0)
    process.stdout.write(`${rows.count} rows${signal.aborted ? ' (stopped)' : ''}. Files: ${files.join(', ')}\n`);
}

/** Its rows stand under this name in the engine's ledger. */
export function feedName({ id }: Pick<Episode, 'id'>): string {
  return `simulator ${id}`.slice(0, 64);
}

/** Ends quietly when it was stopped, also while it waited for the engine. */
async function send(
  client: FeedClient,
  steps: AsyncIterable<Step> | Iterable<Step>,
  options: Parameters<typeof drive>[2],
): Promise<void> {
  try {
    await drive(client, steps, options);
    if (!options.signal?.aborted) await client.end();
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  }
  client.close();
}

/** What the engine orders is obeyed, over a socket. */
function obeying(
  simulation: Simulation,
  bar: Pick<Progress, 'note'>,
): Pick<Parameters<typeof connectSteadily>[0], 'onOrder' | 'onSector' | 'onLift'> {
  const obey = obedience(simulation, bar.note);
  return {
    onOrder: (order) => obey({ type: 'order', order }),
    onSector: (order) => obey({ type: 'sector', order }),
    onLift: (id, atMs) => obey({ type: 'lift', id, atMs }),
  };
}

function rowCounter(bar: Progress) {
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(step: Step): void {
      for (const frame of step.frames) count += frame.rows;
      bar.show({ eventMs: step.nowMs, rows: count, share: step.share });
    },
  };
}

export function parseSeed(text: string | undefined, fallback: number): number {
  const seed = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed is "${text}"; allowed: a whole number`);
}

export function parseFormat(text: string): 'columns' | 'json' {
  if (text === 'columns' || text === 'json') return text;
  throw new UsageError(`--format is "${text}"; allowed: columns, json`);
}
