// The format `lantian-scenario/1` as a whole: what reads it, and its JSON Schema.

import { beijingOffsetMs, parseTime } from '../../engine/domain/calendar.ts';
import type { Episode } from '../world/episode.ts';
import { complaints, control, score, truth } from './control.ts';
import { documentSchema } from './document.ts';
import { networkFaults, sensors } from './faults.ts';
import {
  about,
  choice,
  complain,
  defaulted,
  type Field,
  type JsonSchema,
  mapped,
  number,
  optional,
  positive,
  scalar,
  text,
  whole,
} from './fields.ts';
import { emissionsSection } from './incidents.ts';
import { map } from './maps.ts';
import { duration, span } from './units.ts';
import { background, given, met } from './weather.ts';

const dayMs = 86_400_000;
/** Longer than any season; keeps a slip of the finger from running for ever. */
const daysMax = 400;
const warmupDaysMax = 30;

const startPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const start = scalar(
  (value) => {
    const ms = typeof value === 'string' ? parseTime(value) : Number.NaN;
    return Number.isNaN(ms) ? undefined : ms;
  },
  'ISO 8601 with offset: 2026-01-05T00:00:00+08:00',
  { type: 'string', pattern: startPattern.source },
);

/** So that every minute begins with a step. */
const step = choice('1s', '2s', '3s', '4s', '5s', '6s', '10s', '12s', '15s', '20s', '30s', '60s', '1m');
const stepMs = (value: ReturnType<typeof step.parse>) => duration.parse(value) ?? 60_000;

const clock = mapped(
  map(
    {
      start: about('First moment that is shown; the warm-up comes before it.', start),
      duration: span,
      step: about('Whole seconds that divide a minute.', defaulted(step, '1m')),
      warmup: about('Simulated before the start, for the air to settle.', defaulted(duration, '0s')),
      speed: about('Event time by real time, where the command does not say.', defaulted(positive(1e6), 60)),
    },
    {
      check({ duration: lengthMs, warmup }, at) {
        if (lengthMs > daysMax * dayMs) complain(at('duration'), 'is too long', `up to ${daysMax}d`);
        if (warmup > warmupDaysMax * dayMs) complain(at('warmup'), 'is too long', `up to ${warmupDaysMax}d`);
      },
    },
  ),
  (value, { context }) => {
    // Read before all other sections, so that their times can be held against it.
    context.durationMs = value.duration;
    return value;
  },
);

const season = choice('winter', 'spring', 'summer', 'autumn');

function seasonOf(startMs: number): Episode['season'] {
  const month = new Date(startMs + beijingOffsetMs).getUTCMonth();
  return (['winter', 'spring', 'summer', 'autumn'] as const)[Math.floor(((month + 1) % 12) / 3)];
}

export const episode: Field<Episode> = mapped(
  map({
    schema: choice('lantian-scenario/1'),
    id: about('The name of the file.', text(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'a name of letters, digits, -, _ and .')),
    title: text(/^[^\n]{1,200}$/, 'a text of one line'),
    seed: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'a whole number'),
    clock,
    network: about('The city.', optional(map({ ref: choice('hengshui-full') }))),
    season: about('Absent: by the start.', optional(season)),
    met: about('Weather, where the generator is not to have its way.', met),
    background: about('Air that comes in from the region.', background),
    emissions: about('Incidents.', emissionsSection),
    sensors,
    network_faults: optional(networkFaults),
    network_default_rate: about(
      'Times the realistic rates of network and clock faults that nobody ordered; 0: none.',
      defaulted(number(0, 100), 1),
    ),
    complaints,
    control,
    truth,
    score: optional(score),
  }),
  (file) =>
    given<Episode>({
      id: file.id,
      title: file.title,
      seed: file.seed,
      startMs: file.clock.start,
      durationMs: file.clock.duration,
      stepMs: stepMs(file.clock.step),
      warmupMs: file.clock.warmup,
      speed: file.clock.speed,
      season: file.season ?? seasonOf(file.clock.start),
      met: file.met.timeline ?? [],
      inflow: file.background.inflow ?? [],
      incidents: file.emissions.events ?? [],
      sensorFaults: file.sensors.faults ?? [],
      sensorFaultRate: file.sensors.default_rate,
      networkFaults: file.network_faults ?? [],
      networkFaultRate: file.network_default_rate,
      cheatRate: file.emissions.cheat_rate,
      complaints: file.complaints,
      control: file.control,
      truth: file.truth,
      score: file.score,
    }),
);

/** JSON Schema (draft 7) of the format: never stricter than the reader, which also holds times, ids and sums against each other. */
export function scenarioSchema(): JsonSchema {
  return documentSchema(
    episode,
    'lantian-scenario/1',
    'An episode of the simulated city. Times are lengths after clock.start: 90m, 12h, 3d.',
  );
}
