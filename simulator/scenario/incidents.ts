// What a scenario file may say of emissions: `emissions.events`, one variant a kind.

import type { Incident, Target } from '../world/episode.ts';
import {
  about,
  choice,
  complain,
  defaulted,
  type Field,
  list,
  mapped,
  named,
  number,
  optional,
  pair,
  positive,
  section,
  share,
  whole,
} from './fields.ts';
import { map, variants } from './maps.ts';
import { county, dayWindow, distanceM, duration, emissions, massKg, numberDraw, ownId, sourceId, time } from './units.ts';
import { checkOrder, given } from './weather.ts';

const hourMs = 3_600_000;

function target<T extends Target['type']>(...types: readonly T[]): Field<Target> {
  return mapped(
    map(
      {
        type: choice(...types),
        id: about('An enterprise or source of the register, instead of picking.', optional(sourceId)),
        pick: about(
          'random; near_station; downwind_station: aligned with the wind of the time; seen: the largest effect at a station; rural.',
          optional(choice('random', 'near_station', 'downwind_station', 'seen', 'rural')),
        ),
        rank: about('1 = the best by the pick.', optional(whole(1, 1_000))),
        count: about('How many, from the rank on.', optional(whole(1, 5_000))),
        industry: about('Code of an industry in the register.', optional(sourceId)),
        county: optional(county),
      },
      { excludes: { id: ['pick', 'rank', 'count', 'industry', 'county'] } },
    ),
    ({ type, id, pick = 'random', rank = 1, count = 1, industry, county: district }) =>
      given<Target>({ type, id, pick, rank, count, industry, district }),
  );
}

const emitter = named('emitter', target('cems', 'voc', 'gas', 'meter'));
const cems = about('What the stack monitor shows; follows from the physics.', optional(choice('visible', 'flow_drop', 'hidden')));
const ordered = {
  check: ({ from, to }: { from: number; to: number }, at: Parameters<typeof checkOrder>[2]) => checkOrder(from, to, at),
};

const controlFailure = mapped(
  map(
    {
      id: ownId,
      kind: choice('control_failure'),
      target: emitter,
      pollutant: defaulted(choice('PM', 'SO2', 'NOx', 'VOC', 'all'), 'all'),
      factor: about('Times the emission with the treatment on; a baghouse off gives 50 to 200.', positive(1_000)),
      from: time,
      to: time,
      power: about(
        'control_off: the device draws nothing; idle_fan: it draws power but removes nothing.',
        defaulted(choice('control_off', 'idle_fan'), 'control_off'),
      ),
      cems,
    },
    ordered,
  ),
  ({ id, kind, target, pollutant, factor, power, from, to }) => ({
    id,
    kind,
    target,
    pollutant,
    factor,
    power,
    fromMs: from,
    toMs: to,
  }),
);

const fugitive = mapped(
  map(
    {
      id: ownId,
      kind: choice('fugitive'),
      target: emitter,
      q: about('g/s in all, instead of what the process gives.', optional(emissions)),
      height: about('Where it leaves, m above ground.', defaulted(number(0, 300), 6)),
      from: time,
      to: time,
      power: optional(choice('fan_off')),
      cems,
    },
    ordered,
  ),
  ({ id, kind, target, q, height, from, to }) =>
    given({ id, kind, target, emissionGps: q, heightM: height, fromMs: from, toMs: to }),
);

const nightDischarge = mapped(
  map(
    {
      id: ownId,
      kind: choice('night_discharge'),
      target: emitter,
      factor: defaulted(positive(1_000), 8),
      windows: about('Parts of every day, Beijing time.', list(dayWindow, { min: 1, max: 24 })),
      from: time,
      to: time,
      power: optional(choice('production_on_control_off')),
      cems,
    },
    ordered,
  ),
  ({ id, kind, target, factor, windows, from, to }) => ({ id, kind, target, factor, windows, fromMs: from, toMs: to }),
);

const dustUncontrolled = mapped(
  map(
    {
      id: ownId,
      kind: choice('dust_no_control'),
      target: target('site'),
      factor: defaulted(positive(1_000), 6),
      from: time,
      to: time,
      video: optional(choice('bare_soil')),
    },
    ordered,
  ),
  ({ id, kind, target, factor, from, to }) => ({ id, kind, target, factor, fromMs: from, toMs: to }),
);

const fires = mapped(
  map(
    {
      id: ownId,
      kind: choice('fire'),
      count: about('Fires between from and to.', defaulted(whole(1, 2_000), 1)),
      area_mu: about('Field burned by each, mu (667 m²).', numberDraw),
      fuel: choice('wheat', 'maize'),
      from: time,
      to: time,
      pick: about('Anywhere in the fields.', optional(choice('rural'))),
      at: about('Instead of pick: upwind of a station.', optional(choice('upwind_of_station'))),
      station: optional(sourceId),
      distance: optional(distanceM),
      camera_detect: about("Share that cameras see; absent: the camera's own.", optional(share)),
      camera_delay: optional(duration),
    },
    {
      ...ordered,
      needs: { at: ['station', 'distance'], station: ['at'], distance: ['at'] },
      excludes: { at: ['pick'] },
    },
  ),
  ({ id, kind, count, area_mu, fuel, from, to, station, distance, camera_detect, camera_delay }) =>
    given({
      id,
      kind,
      count,
      areaMu: area_mu,
      fuel,
      at: station === undefined || distance === undefined ? ('rural' as const) : { station, distanceM: distance },
      detectShare: camera_detect,
      detectDelayMs: camera_delay,
      fromMs: from,
      toMs: to,
    }),
);

const fireworks = mapped(
  map(
    {
      id: ownId,
      kind: choice('fireworks'),
      area: about('Spread as people live.', optional(choice('population'))),
      mass_pm25: massKg,
      so2_ratio: about('Mass of SO2 by mass of PM2.5.', defaulted(number(0, 10), 0.25)),
      profile: about(
        'Shares of the mass, each until the next, the last for an hour.',
        list(pair(time, share), { min: 1, max: 200 }),
      ),
    },
    {
      check({ profile }, at) {
        const total = profile.reduce((sum, [, part]) => sum + part, 0);
        if (Math.abs(total - 1) > 0.01) complain(at('profile'), 'does not add up', 'shares that sum to 1');
        if (profile.some(([ms], i) => i > 0 && ms <= profile[i - 1][0]))
          complain(at('profile'), 'is not in order', 'rising times');
      },
    },
  ),
  ({ id, kind, mass_pm25, so2_ratio, profile }, { context }) => ({
    id,
    kind,
    massPm25Kg: mass_pm25,
    so2Ratio: so2_ratio,
    profile,
    fromMs: profile[0][0],
    toMs: Math.min(profile[profile.length - 1][0] + hourMs, context.durationMs),
  }),
);

const areaFactor = mapped(
  map(
    {
      id: ownId,
      kind: choice('area_factor'),
      sector: choice('traffic', 'heating', 'industry', 'dust', 'voc'),
      factor: about('Times what the whole city gives off.', number(0, 20)),
      from: time,
      to: time,
    },
    ordered,
  ),
  ({ id, kind, sector, factor, from, to }) => ({ id, kind, sector, factor, fromMs: from, toMs: to }),
);

const incident: Field<Incident> = variants('kind', {
  control_failure: controlFailure,
  fugitive,
  night_discharge: nightDischarge,
  dust_no_control: dustUncontrolled,
  fire: fires,
  fireworks,
  area_factor: areaFactor,
});

export const emissionsSection = section(
  map({
    events: optional(list(incident)),
    cheat_rate: about('Times the realistic rate of enterprises that cheat in ordinary days.', defaulted(number(0, 100), 1)),
  }),
);
