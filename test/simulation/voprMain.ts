// `npm run vopr -- --seed 123 [--seeds 10]`: episodes one after the other, options printed first.

import { draw } from './vopr/draw.ts';
import { episode } from './vopr/episode.ts';

const value = (name: string, fallback: number) => {
  const at = process.argv.indexOf(name);
  const number = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  console.error(`${name} is "${process.argv[at + 1]}"; allowed: a whole number above 0`);
  process.exit(2);
};
const first = value('--seed', 1);
let failed = 0;
for (let seed = first; seed < first + value('--seeds', 1); seed++) {
  const drawn = draw(seed);
  console.log(JSON.stringify(drawn));
  const beganMs = performance.now();
  const { problems, happened, hash } = await episode(drawn);
  console.log(`${JSON.stringify(happened)} in ${Math.round(performance.now() - beganMs)} ms`);
  for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
  console.log(`seed ${seed}: ${problems.length === 0 ? 'good' : `${problems.length} problems`}  ${hash}`);
  if (problems.length > 0) failed += 1;
}
process.exit(failed > 0 ? 1 : 0);
