// The register that a verb was given, or the simulated Hengshui.

import { problemText } from '../../simulator/fileProblem.ts';
import { readRegister } from '../../simulator/registerFiles.ts';
import { makeRegister } from '../../simulator/world/city.ts';
import type { Register } from '../schema/register.ts';

/** Seed of the city that is used when no register is given. */
export const defaultCitySeed = 1;

const problemsShown = 20;

/** Rejects with every problem (the first 20), file and line each. */
export async function loadRegister(dir: string | undefined): Promise<Register> {
  if (dir === undefined) return makeRegister(defaultCitySeed);
  const { register, problems } = await readRegister(dir);
  if (register !== undefined) return register;
  const more = problems.length > problemsShown ? `\n… and ${problems.length - problemsShown} more: lantian check ${dir}` : '';
  throw new Error(`the register ${dir} cannot be used:\n${problems.slice(0, problemsShown).map(problemText).join('\n')}${more}`);
}
