// What a run finds where it starts: a recording that may go on, what an earlier run left, another city.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineOptions } from './pipeline/ports.ts';
import type { RunOptions } from './run.ts';

/** There is a recording that may go on, and no summary that says that it was finished. */
export function isCutOff({ recording, out }: RunOptions): boolean {
  if (recording?.isDurable !== true || !existsSync(recording.path)) return false;
  return out === undefined || !existsSync(join(out, 'run.json'));
}

/** What an earlier run left in the folder of this one goes. History outside of it stays. */
export async function removeOld({ out, store }: RunOptions): Promise<void> {
  if (out === undefined) return;
  for (const file of ['run.json', 'input.journal']) await rm(join(out, file), { force: true });
  if (typeof store === 'object') for (const file of [store.duckdb, `${store.duckdb}.wal`]) await rm(file, { force: true });
}

/** State goes by district: with others it means nothing. */
export function checkPlaces(
  path: string | undefined,
  { air: recorded }: PipelineOptions,
  { air: wanted }: PipelineOptions,
): void {
  const places = ({ city, districts }: PipelineOptions['air']) => `${city} with ${districts.join(', ')}`;
  if (places(recorded) === places(wanted)) return;
  throw new Error(
    `the recording ${path} is of ${places(recorded)}; the register has ${places(wanted)}. Start with the same districts, or in another folder (--data or --out)`,
  );
}
