// Simulated seasons against real data: `air.ts SEED SEASON` sends the statistics of one season of one seed.

import type { Season } from '../../simulator/lab/statistics/series.ts';
import { simulateAir } from '../../simulator/lab/statistics/simulateAir.ts';
import { statisticsOf } from '../../simulator/lab/statistics/statisticsOf.ts';
import { readTargets } from '../../simulator/lab/statistics/targets.ts';
import { makeRegister } from '../../simulator/world/city.ts';

const [seed, season] = process.argv.slice(2);
const series = simulateAir(Number(seed), season as Season, makeRegister(1), undefined, (done, days) => {
  if (done % 15 === 0) console.error(`seed ${seed} ${season}: day ${done} of ${days}`);
});
const values = statisticsOf(series, readTargets());
process.send?.(values);
