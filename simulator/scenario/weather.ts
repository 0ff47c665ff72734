// What a scenario file may say of the weather and of the air that comes in: `met`, `background`.

import type { Inflow, KeyFrame } from '../world/episode.ts';
import {
  about,
  type Cell,
  complain,
  defaulted,
  type Field,
  list,
  mapped,
  number,
  optional,
  positive,
  section,
} from './fields.ts';
import { map } from './maps.ts';
import { concentrations, duration, time } from './units.ts';

/** Reports where `to` is not later than `from`. */
export function checkOrder(fromMs: number, toMs: number, at: (key: string) => Cell): void {
  if (fromMs >= toMs) complain(at('to'), 'is not after from', 'from before to');
}

const keyFrame: Field<KeyFrame> = mapped(
  map({
    at: about('Time of the key frame.', time),
    ws: about('Wind speed at 10 m, m/s.', optional(number(0, 40))),
    wd: about('Direction that the wind blows from, degrees.', optional(number(0, 360))),
    rh: about('Relative humidity, %.', optional(number(0, 100))),
    h_factor: about("Times the generator's mixing height.", optional(positive(10))),
    t_offset: about("Added to the generator's temperature, °C.", optional(number(-40, 40))),
    cloud: about('Share of the sky, 0 to 1.', optional(number(0, 1))),
    rain: about('Rain, mm/h.', optional(number(0, 200))),
    fog: about('0 or 1.', optional(number(0, 1))),
  }),
  ({ at, ws, wd, rh, h_factor, t_offset, cloud, rain, fog }) =>
    given({
      atMs: at,
      windMps: ws,
      windFromDeg: wd,
      rhPct: rh,
      mixingFactor: h_factor,
      tempOffsetC: t_offset,
      cloud,
      rainMmH: rain,
      fog,
    }),
);

/** Without the keys that are undefined, so that an episode can be compared and written. */
export function given<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

const timeline: Field<readonly KeyFrame[]> = mapped(list(keyFrame), (frames, cell) => {
  const wrong = frames.findIndex((frame, i) => i > 0 && frame.atMs <= frames[i - 1].atMs);
  return wrong < 0 ? frames : complain(cell, `is not in order: [${wrong}].at is not after the one before`, 'rising times');
});

export const met = section(
  map({
    timeline: about('Key frames, linear in between; a key that is absent follows the generator.', optional(timeline)),
  }),
);

const inflow: Field<Inflow> = mapped(
  map(
    {
      from: time,
      to: time,
      ramp: about('It grows and falls over this long, inside from and to.', defaulted(duration, '0s')),
      add: about('On top of the regional air, µg/m³; PMC is PM10 without PM2.5, OX is O3 + NO2 as O3.', concentrations),
    },
    { check: ({ from, to }, at) => checkOrder(from, to, at) },
  ),
  ({ from, to, ramp, add }) => ({ fromMs: from, toMs: to, rampMs: ramp, add }),
);

export const background = section(map({ inflow: optional(list(inflow)) }));
