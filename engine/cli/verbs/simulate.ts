// `lantian simulate`: the simulator as a client of a running engine.

import type { Command } from 'commander';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { problemText } from '../../../simulator/fileProblem.ts';
import { progress } from '../../../simulator/progress.ts';
import { readScenario, type Scenario, scenarioFile } from '../../../simulator/scenario.ts';
import { drive, simulateSteps } from '../../../simulator/simulate.ts';
import { loadRegister } from '../loadRegister.ts';
import { untilStopped } from '../signals.ts';
import { parseSpeed, UsageError } from '../usage.ts';

export interface SimulateFlags {
  readonly url: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly format: string;
  readonly register?: string;
}

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('send a simulated city to an engine on the feed clock')
    .argument('[scenario]', 'a scenario file, or the name of one that ships', 'quiet-week')
    .option('--url <address>', 'the engine', 'http://127.0.0.1:8600')
    .option('--speed <number|max>', "event time per real time; default: the scenario's")
    .option('--seed <number>', "default: the scenario's")
    .option('--format <columns|json>', 'wire format', 'columns')
    .option('--register <dir>', 'register of the city; default: the simulated Hengshui')
    .addHelpText('after', '\nExample:\n  lantian serve --clock feed &\n  lantian simulate quiet-week --speed 600\n')
    .action(async (name: string, flags: SimulateFlags) => {
      const stop = new AbortController();
      void untilStopped().then(() => stop.abort());
      await simulate(name, flags, stop.signal);
      process.exit();
    });
}

export async function loadScenario(name: string): Promise<Scenario> {
  const file = scenarioFile(name);
  const { scenario, problems } = await readScenario(file);
  if (scenario === undefined) throw new Error(`the scenario cannot be used:\n${problems.map(problemText).join('\n')}`);
  return scenario;
}

export async function simulate(name: string, flags: SimulateFlags, signal: AbortSignal): Promise<void> {
  const speed = flags.speed === undefined ? undefined : parseSpeed(flags.speed);
  const format = parseFormat(flags.format);
  const scenario = await loadScenario(name);
  const seed = parseSeed(flags.seed, scenario.seed);
  tellNotYet(scenario);
  const register = await loadRegister(flags.register);
  const client = await connectFeed({
    url: flags.url,
    feed: `simulator ${scenario.id}`,
    clock: 'feed',
    format,
    epoch: `${scenario.id} ${seed} ${Date.now()}`,
  });
  const bar = progress({ stream: process.stderr, nowMs: () => performance.now() });
  let rows = 0;
  await drive(client, simulateSteps(scenario, register, seed), {
    speed: speed ?? scenario.speed,
    paceFromMs: scenario.startMs,
    signal,
    onStep: (step, count) => {
      rows += count;
      bar.show({ eventMs: step.nowMs, rows, share: step.share });
    },
  });
  bar.end();
  if (!signal.aborted) await client.end();
  client.close();
}

export function parseSeed(text: string | undefined, fallback: number): number {
  const seed = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed is "${text}"; allowed: a whole number`);
}

/** Sections of the scenario that the simulator does not act on. */
export function tellNotYet({ notYet }: Scenario): void {
  if (notYet.length > 0) process.stderr.write(`not simulated yet, left out: ${notYet.join(', ')}\n`);
}

export function parseFormat(text: string): 'columns' | 'json' {
  if (text === 'columns' || text === 'json') return text;
  throw new UsageError(`--format is "${text}"; allowed: columns, json`);
}
