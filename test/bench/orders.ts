// From the decision to every order of the simulated city: milliseconds to make them, to upgrade them, and to write them for Excel.

import { afterChanges, changesOf, ordersOf } from '../../engine/domain/curtailment/orders.ts';
import { ordersCsv } from '../../engine/edge/plans/ordersCsv.ts';
import type { Level } from '../../engine/schema/register.ts';
import { makeRegister } from '../../simulator/world/city.ts';

const register = makeRegister(1);
const effectiveMs = Date.parse('2026-01-05T12:00:00+08:00');
const untilMs = effectiveMs + 72 * 3_600_000;
const at = (level: Level) => ordersOf({ enterprises: register.enterprises, warning: 'warning:1', level, effectiveMs, untilMs });

/** CPU time of the process: the same on a busy machine. */
let cpuMs = 0;
function timed<Made>(make: () => Made): readonly [ms: number, made: Made] {
  const [beganMs, began] = [performance.now(), process.cpuUsage()];
  const made = make();
  const { user, system } = process.cpuUsage(began);
  cpuMs = (user + system) / 1000;
  return [performance.now() - beganMs, made];
}

// Nothing is warmed up: a decision comes once.
const [ordersMs, orders] = timed(() => at('orange'));
const ordersCpuMs = cpuMs;
const [changesMs, changes] = timed(() => changesOf(orders, at('red'), effectiveMs));
const [liftMs, lifted] = timed(() => changesOf(afterChanges(orders, changes), [], untilMs));
const [csvMs, csv] = timed(() => ordersCsv(orders, register, 'gb18030'));
if (lifted.length < orders.length) throw new Error(`${orders.length} orders, but only ${lifted.length} lifted`);
process.send?.({
  enterprises: new Set(orders.map(({ enterprise }) => enterprise)).size,
  orders: orders.length,
  changes: changes.length,
  ordersMs,
  ordersCpuMs,
  changesMs,
  liftMs,
  csvMs,
  csvMiB: csv.length / 1024 / 1024,
});
