// Two days on which nothing happens but what always does: faults of sensors, clocks and the network, nobody who cheats.

import { daysEach, startOf } from './mixedDays.ts';

/** A scenario file, drawn from a seed: whatever an engine raises about emissions is a false alarm. */
export function quietDays(seed: number): string {
  return JSON.stringify({
    schema: 'lantian-scenario/1',
    id: `quiet-days-${seed}`,
    title: `平静两日 ${seed}`,
    seed,
    clock: { start: `${startOf(seed)}T00:00:00+08:00`, duration: `${daysEach}d`, step: '1m', warmup: '1d', speed: 300 },
    network: { ref: 'hengshui-full' },
    emissions: { cheat_rate: 0 },
  });
}
