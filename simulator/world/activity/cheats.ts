// Ordinary cheating: a few enterprises switch their treatment off, or let its fan idle, in some nights.

import { localOf } from '../local.ts';
import type { ProcessRef } from '../processes.ts';
import { streamOf, uniform } from '../random.ts';
import { dayStartMs, minuteMs } from './beijingDay.ts';
import { defaultRoofM, type Effect } from './incidents.ts';
import { account } from './labels.ts';
import { neutral } from './modifier.ts';
import type { Shifts } from './shifts.ts';

/** Of the enterprises with a treatment so many cheat at times: open violations at .4–1.6 % of inspected points (simulation
 *  report S26), and an inspection sees some of the days only [D]. */
const cheaterShare = 0.02;
/** Chance of a day of such an enterprise [D]. */
const dayShare = 0.35;
/** The others let the fan idle without filters [D]. */
const offShare = 0.7;
/** Round-the-clock works cheat from about 22:30 for 3 to 6 hours, others before closing for 1 to 3 [D]. */
const nightFromMinute = 1320;
const nightHours = [3, 6] as const;
const closingHours = [1, 3] as const;

export interface Cheats {
  /** Those that begin on a Beijing day. */
  readonly ofDay: (day: number) => readonly Effect[];
}

/** `rate` times the usual share; the cheaters at a lower rate are among those at a higher one. */
export function makeCheats(seed: number, processes: readonly ProcessRef[], shifts: Shifts, rate: number): Cheats {
  const cheaters: number[] = [];
  let before = '';
  processes.forEach(({ enterprise, process }, i) => {
    if (enterprise.id === before || process.treatment === undefined || !process.emits) return;
    before = enterprise.id;
    if (uniform(seed, streamOf(`cheater ${enterprise.id}`), 0) < cheaterShare * rate) cheaters.push(i);
  });

  function cheatOf(i: number, day: number): Effect | undefined {
    const { enterprise, process } = processes[i];
    const stream = streamOf(`cheat of the day ${enterprise.id}`);
    if (uniform(seed, stream, day * 4) >= dayShare) return undefined;
    const plan = shifts.plan(i, day);
    if (plan.startMs === Number.POSITIVE_INFINITY) return undefined;
    const throughNight = plan.endMs === Number.POSITIVE_INFINITY;
    const [shortest, longest] = throughNight ? nightHours : closingHours;
    const lastsMs = Math.round((shortest + (longest - shortest) * uniform(seed, stream, day * 4 + 1)) * 60) * minuteMs;
    const late = Math.floor(60 * uniform(seed, stream, day * 4 + 2)) * minuteMs;
    const startMs = throughNight ? dayStartMs(day) + nightFromMinute * minuteMs + late : plan.endMs - lastsMs;
    const endMs = throughNight ? startMs + lastsMs : plan.endMs;
    const off = uniform(seed, streamOf(`cheater's style ${enterprise.id}`), 0) < offShare;
    const modifier = neutral();
    modifier.removal.fill(0);
    modifier.treatment = off ? 0 : Number.NaN;
    const kind = off ? 'control_off' : 'idle_fan';
    const id = `cheat-${enterprise.id}-${day}`;
    const where = { enterprise: enterprise.id, process: process.id, ...localOf(enterprise) };
    const label = { id, class: 'cheat', kind, pollutant: 'all', fromMs: startMs, toMs: endMs, ...where } as const;
    return { startMs, endMs, process: i, modifier, roofM: defaultRoofM, account: account(label) };
  }

  return { ofDay: (day) => cheaters.flatMap((i) => cheatOf(i, day) ?? []) };
}
