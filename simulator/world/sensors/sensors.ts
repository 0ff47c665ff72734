// All sensors of the city, kind by kind in the catalog's order: adding a kind is one file and one line here.

import type { Register } from '../../../engine/schema/register.ts';
import type { Weather } from '../cityState.ts';
import type { Episode } from '../episode.ts';
import { airSensors } from './air.ts';
import { cameraSensors } from './camera.ts';
import { cemsSensors } from './cems.ts';
import { dustSensors } from './dust.ts';
import { forecastSensors } from './forecast.ts';
import type { SensorMaker, Sensors } from './instrument.ts';
import { petitionSensors } from './petition.ts';
import { powerSensors } from './power.ts';
import { vehicleSensors } from './vehicle.ts';
import { vocSensors } from './voc.ts';

/** The forecast is made apart: it looks ahead. */
const makers: readonly SensorMaker[] = [
  airSensors,
  cemsSensors,
  vocSensors,
  dustSensors,
  powerSensors,
  cameraSensors,
  vehicleSensors,
  petitionSensors,
];

/**
 * Every row that the city's sensors give in a step. States come in the order of time with one `stepMs`; what a row holds follows
 * from seed, register, episode and the states alone. `futureWeather` is the weather at the centre, now and up to 8 days ahead.
 */
export function makeSensors(seed: number, register: Register, episode: Episode, futureWeather: (ms: number) => Weather): Sensors {
  const forecast = forecastSensors(seed, register, episode, futureWeather);
  const kinds = [...makers.map((make) => make(seed, register, episode)), forecast];
  return (state) => kinds.flatMap((sensors) => sensors(state));
}
