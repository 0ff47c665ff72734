// Speed and memory of the simulated city alone, all kinds, faults and answer key included, on one core: `simulator.ts HOURS`.

import { readScenario, scenarioFile } from '../../simulator/scenario.ts';
import { makeSimulation } from '../../simulator/simulate.ts';
import { makeRegister } from '../../simulator/world/city.ts';

const hours = Number(process.argv[2]);
const mib = 2 ** 20;
const warmHours = 3;
const { scenario } = await readScenario(scenarioFile('winter-stagnation'));
if (scenario === undefined) throw new Error('the scenario winter-stagnation cannot be read');
const simulation = makeSimulation(
  { ...scenario, durationMs: hours * 3_600_000, warmupMs: warmHours * 3_600_000 },
  makeRegister(1),
);
let rows = 0;
let steps = 0;
let beganMs = 0;
for (const step of simulation.steps()) {
  // The compiler has seen everything by then, and plumes have come.
  if (steps === warmHours * 60) {
    beganMs = performance.now();
    rows = 0;
  }
  for (const frame of step.frames) rows += frame.rows;
  steps += 1;
}
const seconds = (performance.now() - beganMs) / 1000;
globalThis.gc?.();
const { rss, heapUsed, external } = process.memoryUsage();
const result = {
  speed: (hours * 3600) / seconds,
  msPerMinute: (seconds * 1000) / (hours * 60),
  rowsPerS: rows / seconds,
  rssMiB: rss / mib,
  memoryMiB: (heapUsed + external) / mib,
};
if (process.send === undefined) console.log(result);
process.send?.(result);
