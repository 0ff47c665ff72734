// Whole engines for tests, and a night for them to live through.

import { openRun } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import type { Run, RunOptions } from '../../engine/run.ts';
import type { Register } from '../../engine/schema/register.ts';
import { type ServeOptions, type Serving, serve } from '../../engine/serve.ts';
import { parseScenario, type Scenario } from '../../simulator/scenario.ts';
import { makeRegister } from '../../simulator/world/city.ts';

export const testRegister: Register = makeRegister(1);
/** Its air stations alone: a simulation of them is cheap. */
export const airRegister: Register = {
  ...testRegister,
  sources: testRegister.sources.filter(({ kind }) => kind === 'air'),
  enterprises: [],
  inspectors: [],
};

/** Settings of the configuration; the clock is the feed's where they do not say. */
interface Settings {
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** On a free loopback port. Options that are not given are a small engine. A failure of the run fails the test. */
export function startEngine({ settings, ...options }: Partial<ServeOptions> & Settings = {}): Promise<Serving> {
  return serve({ ...defaults(settings), store: 'memory', host: '127.0.0.1', port: 0, ...options });
}

/** Without a server; nothing is stored where the options do not say so. */
export function openTestRun({ settings, ...options }: Partial<RunOptions> & Settings = {}): Promise<Run> {
  return openRun({ ...defaults(settings), store: 'none', ...options });
}

function defaults(settings: Settings['settings']) {
  return {
    config: configFrom({ clock: 'feed', ...settings }),
    register: testRegister,
    strict: false,
    mirrors: [],
    failed: (error: Error) => {
      throw error;
    },
  };
}

/** A winter night from midnight on, `30m` or `2h` long, in steps of a minute, without faults. */
export function nightScenario(duration: string): Scenario {
  const text = `schema: lantian-scenario/1
id: night
title: night
seed: 3
clock: { start: 2026-01-05T00:00:00+08:00, duration: ${duration}, step: 1m }
sensors: { default_rate: 0 }
network_default_rate: 0
`;
  return parseScenario(text, 'night').scenario as Scenario;
}
