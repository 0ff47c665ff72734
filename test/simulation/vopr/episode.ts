// One seeded episode of the whole engine on virtual time, twice: with everything that may go wrong, and calmly, cut otherwise.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { equalFiles } from '../../harness/outputs.ts';
import { deadLetters, verdictOf } from './check.ts';
import type { Drawn } from './draw.ts';
import type { Way } from './gateway.ts';
import { runEpisode } from './run.ts';
import { worldOf } from './world.ts';

export interface Outcome {
  /** Empty when all is well. */
  readonly problems: readonly string[];
  /** What there was: faults that came about, and what the oracle could not tell exactly (`bounded`, see `Verdict`). */
  readonly happened: Readonly<Record<string, number>>;
  /** Over all files that equal runs have equal, and what the mirror holds. */
  readonly hash: string;
}

export async function episode(drawn: Drawn): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), 'lantian-vopr-'));
  try {
    return await inFolder(drawn, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function inFolder(drawn: Drawn, dir: string): Promise<Outcome> {
  const world = { drawn, ...worldOf(drawn) };
  const calmWay: Way = {
    seed: drawn.seed,
    rowsPerFrame: drawn.rowsPerFrame < 10_000 ? 10_000 : 100,
    json: !drawn.json,
    framesPerTurn: drawn.framesPerTurn < 50 ? 10_000 : 3,
    cutShare: 0,
    resendShare: 0,
    gapShare: 0,
  };
  // One waits for its disk while the other works. The calm one needs no history: it changes nothing in what is compared.
  const [found, calm] = await Promise.all([
    runEpisode(world, join(dir, 'faults'), drawn, drawn.crashes),
    runEpisode({ ...world, drawn: { ...drawn, withDuckdb: false } }, join(dir, 'calm'), calmWay, []),
  ]);
  const problems = [...found.problems, ...calm.problems.map((problem) => `calm: ${problem}`)];
  const hash = createHash('sha256');
  for (const name of equalFiles) {
    const [a, b] = await Promise.all([readFile(join(found.out, name)), readFile(join(calm.out, name))]);
    if (!a.equals(b)) problems.push(`${name} differs between the run with faults and the calm one`);
    hash.update(a);
  }
  const sorted = (points: ReadonlyMap<string, string>) => [...points].sort(([a], [b]) => (a < b ? -1 : 1));
  if (!isDeepStrictEqual(sorted(found.points), sorted(calm.points)))
    problems.push(`the mirror holds ${found.points.size} points, not the ${calm.points.size} of the calm run`);
  hash.update(JSON.stringify(sorted(found.points)));
  if (!isDeepStrictEqual(new Map([...found.hours].sort()), new Map([...calm.hours].sort())))
    problems.push('other hours went out live than in the calm run');
  if (!isDeepStrictEqual([...(await deadLetters(found.out))].sort(), [...(await deadLetters(calm.out))].sort()))
    problems.push('other dead letters than in the calm run');
  const verdict = await verdictOf(drawn, world.register, world.ticks, found);
  const { bounded, lateDiverted } = verdict;
  const rowsInTick = Math.max(...world.ticks.flatMap(({ rows }) => rows.map(({ length }) => length)));
  return {
    problems: [...problems, ...verdict.problems],
    happened: { ...found.happened, lateDiverted, rowsInTick, bounded },
    hash: hash.digest('hex'),
  };
}
