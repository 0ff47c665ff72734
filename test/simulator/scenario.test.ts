// Scenario files: what ships, what they become, what is refused and where; the JSON Schema agrees with the reader.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Command } from 'commander';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { addCheck } from '../../engine/cli/verbs/check.ts';
import { problemText } from '../../simulator/fileProblem.ts';
import { scenarioSchema } from '../../simulator/scenario/format.ts';
import { parseScenario, readScenario, scenarioFile, scenarioNames } from '../../simulator/scenario.ts';

const hour = 3_600_000;
const textOf = (name: string) => readFileSync(scenarioFile(name), 'utf8');

const schemaFile = fileURLToPath(new URL('../../simulator/scenarios/lantian-scenario-1.schema.json', import.meta.url));
const matchesSchema = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(readFileSync(schemaFile, 'utf8')),
);
/** As an editor sees it. Draws without quotes inside { } are a kindness of the reader: for others YAML cuts them at the comma. */
function isBySchema(text: string): boolean {
  return matchesSchema(parse(text.replace(/(?<!")(?:lognormal|uniform)\([^()]*\)(?!")/g, '"$&"')));
}

const head = `schema: lantian-scenario/1
id: x
title: X
seed: 1
clock: { start: 2026-01-05T00:00:00+08:00, duration: 2d }
`;
const problemsOf = (text: string) => parseScenario(text, 'f').problems.map(problemText);
const read = (text: string) => {
  const { scenario, problems } = parseScenario(text, 'f');
  expect(problems).toEqual([]);
  return scenario!;
};

describe('what ships', () => {
  test('all that the city needs', () => {
    expect(scenarioNames()).toEqual([
      'binhu-fan',
      'dead-network',
      'fan-off',
      'mixed-month',
      'quiet-week',
      'regional-transport',
      'sand-dust',
      'sensor-storm',
      'spring-festival',
      'straw-burning-night',
      'summer-ozone',
      'winter-stagnation',
    ]);
  });

  test.each(scenarioNames())('%s is good by reader and schema, and called after its file', async (name) => {
    const { scenario, problems } = await readScenario(scenarioFile(name));
    expect(problems).toEqual([]);
    expect(scenario?.id).toBe(name);
    expect(scenario?.title).toMatch(/\p{Script=Han}/u);
    expect(isBySchema(textOf(name))).toBe(true);
    expect(textOf(name).split('\n', 2)).toContain('# yaml-language-server: $schema=./lantian-scenario-1.schema.json');
  });

  test.each(['quiet-week', 'regional-transport', 'sensor-storm', 'dead-network'])('%s has no incident', (name) => {
    expect(read(textOf(name))).toMatchObject({ incidents: [], cheatRate: 0 });
  });

  test('a name that is not there is answered with those that are', async () => {
    const { problems } = await readScenario(scenarioFile('nowhere'));
    expect(problemText(problems[0])).toContain('there is no such scenario');
    expect(problems[0].allowed).toContain(scenarioNames().join(', '));
  });
});

describe('the example episodes', () => {
  const folder = fileURLToPath(new URL('../../../shared/scenarios/', import.meta.url));
  const files = existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
  if (files.length === 0) console.log('skipped: the example episodes need ../shared/scenarios');

  test.skipIf(files.length === 0)('are good as they are, by reader and schema', () => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(problemsOf(text)).toEqual([]);
      expect(isBySchema(text), file).toBe(true);
    }
  });
});

describe('the published schema', () => {
  test('is the one of the format; `lantian check --schema` writes it anew', () => {
    expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(JSON.parse(JSON.stringify(scenarioSchema())));
  });

  const events = `${head}emissions:\n  events:\n    - `;
  const sensors = `${head}sensors:\n  faults:\n    - `;
  const network = `${head}network_faults:\n  - `;
  const both: readonly (readonly [text: string, problem: RegExp])[] = [
    // Head and clock.
    [
      head.replace('lantian-scenario/1', 'lantian-scenario/2'),
      /^f:1:9: schema is not valid \(value .*2; allowed: lantian-scenario\/1/,
    ],
    [head.replace('id: x\n', ''), /^f:1:1: id is missing/],
    [head.replace('seed: 1', 'seed: 1.5'), /^f:4:7: seed is not valid/],
    [head.replace('2d', '-2d'), /clock.duration is not valid \(value -2d; allowed: a duration/],
    [head.replace('2d', '0h'), /clock.duration is not valid/],
    [head.replace('2d', '2'), /clock.duration is not valid/],
    [head.replace('2d }', '2d, step: 7s }'), /clock.step is not valid \(value 7s; allowed: 1s, 2s/],
    [head.replace('2d }', '2d, speed: 0 }'), /clock.speed is not valid/],
    [head.replace('2d }', '2d, warmup: 2 days }'), /clock.warmup is not valid/],
    [head.replace('+08:00', ''), /clock.start is not valid/],
    [`${head}seasons: winter\n`, /^f:6:1: unknown key "seasons" \(allowed: schema, id,/],
    [`${head}season: monsoon\n`, /^f:6:9: season is not valid \(value monsoon; allowed: winter, spring, summer, autumn/],
    [`${head}network: { ref: beijing }\n`, /network.ref is not valid/],
    [`${head}met:\n`, /^f:6:5: met is not valid/],
    // Names of objects that every JavaScript object has.
    [`${head}constructor: 1\n`, /unknown key "constructor"/],
    // Weather and inflow.
    [`${head}met: { timeline: [{ at: 1h, wind: 3 }] }\n`, /^f:6:29: unknown key "met.timeline\[0\].wind" \(allowed: at, ws,/],
    [`${head}met: { timeline: [{ ws: 3 }] }\n`, /^f:6:19: met.timeline\[0\].at is missing/],
    [`${head}met: { timeline: [{ at: 1h, rh: 101 }] }\n`, /rh is not valid \(value 101; allowed: a number from 0 to 100/],
    [`${head}met: { timeline: [{ at: 1h, cloud: 50 }] }\n`, /cloud is not valid/],
    [
      `${head}background: { inflow: [{ from: 0h, to: 1h, add: { PM2: 5 } }] }\n`,
      /unknown key "background.inflow\[0\].add.PM2" \(allowed: PM25/,
    ],
    [
      `${head}background: { inflow: { from: 0h } }\n`,
      /^f:6:23: background.inflow is not valid \(value \{ from: 0h \}; allowed: a list/,
    ],
    // Emissions.
    [
      `${events}{ id: A, kind: flood, from: 0h, to: 1h }\n`,
      /events\[0\].kind is not valid \(value flood; allowed: control_failure, fugitive,/,
    ],
    [`${events}{ id: A, from: 0h, to: 1h }\n`, /events\[0\].kind is missing/],
    [`${events}{ id: A, kind: area_factor, sector: voc, factor: 2, from: -1h, to: 1h }\n`, /from is not valid \(value -1h/],
    [`${events}{ id: A, kind: area_factor, sector: ships, factor: 2, from: 0h, to: 1h }\n`, /sector is not valid/],
    [
      `${events}{ id: A, kind: area_factor, sector: voc, factor: 2, from: 0h, to: 1h, q: 1 }\n`,
      /unknown key "emissions.events\[0\].q"/,
    ],
    [
      `${events}{ id: A, kind: fugitive, target: { type: site }, from: 0h, to: 1h }\n`,
      /target.type is not valid \(value site; allowed: cems, voc, gas, meter/,
    ],
    [
      `${events}{ id: A, kind: fugitive, target: { type: gas, county: gaocheng }, from: 0h, to: 1h }\n`,
      /county is not valid \(value gaocheng; allowed: taocheng/,
    ],
    [
      `${events}{ id: A, kind: fugitive, target: { type: gas, id: E-1, pick: seen }, from: 0h, to: 1h }\n`,
      /target.pick does not go with id/,
    ],
    [`${events}{ id: A, kind: fugitive, target: { type: gas }, q: { PB: 1 }, from: 0h, to: 1h }\n`, /unknown key ".*q.PB"/],
    [`${events}{ id: A, kind: fire, area_mu: "normal(5, 1)", fuel: maize, from: 0h, to: 1h }\n`, /area_mu is not valid/],
    [`${events}{ id: A, kind: fire, area_mu: 5, fuel: rice, from: 0h, to: 1h }\n`, /fuel is not valid/],
    [`${events}{ id: A, kind: fire, at: upwind_of_station, area_mu: 5, fuel: maize, from: 0h, to: 1h }\n`, /station is missing/],
    [
      `${events}{ id: A, kind: fireworks, mass_pm25: 120, profile: [[1h, 1]] }\n`,
      /mass_pm25 is not valid \(value 120; allowed: a mass/,
    ],
    [`${events}{ id: A, kind: fireworks, mass_pm25: 1t, profile: [[1h, 1, 2]] }\n`, /profile\[0\] is not valid/],
    [
      `${events}{ id: A, kind: night_discharge, target: { type: gas }, windows: ["22-04"], from: 0h, to: 1h }\n`,
      /windows\[0\] is not valid/,
    ],
    // Sensors and network.
    [`${sensors}{ id: A, kind: stuck }\n`, /station is missing \(allowed: one of station, source\)/],
    [`${sensors}{ id: A, kind: stuck, source: CEMS-1 }\n`, /type is missing/],
    [`${sensors}{ id: A, kind: stuck, station: "a b" }\n`, /station is not valid/],
    [`${sensors}{ id: A, kind: stuck, station: S1, param: pm99 }\n`, /param is not valid/],
    [`${sensors}{ id: A, kind: drift, station: S1 }\n`, /rate_per_day is missing/],
    [`${sensors}{ id: A, kind: stuck, station: S1, share: 0.5 }\n`, /unknown key "sensors.faults\[0\].share"/],
    [
      `${head}sensors: { defaults: { national: { pm25: { noize: 2 } } } }\n`,
      /unknown key "sensors.defaults.national.pm25.noize"/,
    ],
    [`${network}{ id: A, scope: some, kind: outage }\n`, /scope is not valid \(value some; allowed: all, or/],
    [`${network}{ id: A, scope: { type: ship }, kind: outage }\n`, /scope.type is not valid/],
    [`${network}{ id: A, scope: all, kind: duplicate, share: 2 }\n`, /share is not valid/],
    [`${network}{ id: A, scope: all, kind: reorder, delay: "lognormal(60s, 0.5)" }\n`, /delay is not valid/],
    [`${network}{ id: A, scope: all, kind: clock_jump, seconds: 5, for: 1h }\n`, /at is missing/],
    // The rest.
    [`${head}complaints: { wrong_location_sd: 900 }\n`, /wrong_location_sd is not valid \(value 900; allowed: a distance/],
    [`${head}control: { mode: half_open }\n`, /control.mode is not valid/],
    [`${head}control: { response: { compliance: 82 } }\n`, /compliance is not valid/],
    [
      `${head}control: { scripted: [{ id: O, level: blue, from: 0h, to: 1h }] }\n`,
      /level is not valid \(value blue; allowed: yellow, orange, red/,
    ],
    [`${head}truth: { counterfactual: false }\n`, /counterfactual is not valid/],
    [`${head}truth: { attribution: { min_increment: { pm1: 3 } } }\n`, /unknown key "truth.attribution.min_increment.pm1"/],
    [`${head}score: { goals: { a: { precision: 90 } } }\n`, /score.goals.a.precision is not valid/],
  ];
  test.each(both)('and the reader refuse %j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
    expect(isBySchema(text)).toBe(false);
  });

  const readerOnly: readonly (readonly [text: string, problem: RegExp])[] = [
    [
      `${events}{ id: A, kind: area_factor, sector: voc, factor: 2, from: 2h, to: 2h }\n`,
      /^f:8:\d+: emissions.events\[0\].to is not after from/,
    ],
    [
      `${events}{ id: A, kind: area_factor, sector: voc, factor: 2, from: 1h, to: 49h }\n`,
      /to is after the end \(value 49h; allowed: up to clock.duration/,
    ],
    [`${network}{ id: A, scope: all, kind: clock_jump, seconds: 5, at: 47h, for: 2h }\n`, /lasts beyond the end/],
    [
      `${sensors}{ id: A, kind: stuck, station: S1 }\n    - { id: A, kind: stuck, station: S2 }\n`,
      /^f:9:13: sensors.faults\[1\].id is the same as sensors.faults\[0\].id/,
    ],
    [`${sensors}{ id: A, kind: stuck, station: S1, param: nox }\n`, /param is no metric of air \(value nox; allowed: pm25, pm10/],
    [`${head}met: { timeline: [{ at: 2h }, { at: 1h }] }\n`, /met.timeline is not in order/],
    [`${events}{ id: A, kind: fireworks, mass_pm25: 1t, profile: [[1h, 0.5], [2h, 0.4]] }\n`, /does not add up/],
    [
      `${events}{ id: A, kind: night_discharge, target: { type: gas }, windows: ["22:00-22:00"], from: 0h, to: 1h }\n`,
      /windows\[0\] is not valid/,
    ],
    [`${head}control: { response: { compliance: 0.9, cheating: 0.2 } }\n`, /with cheating and refuse is above 1/],
    [head.replace('2d', '401d'), /clock.duration is too long/],
  ];
  test.each(readerOnly)('cannot say what the reader refuses: %j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
    expect(isBySchema(text)).toBe(true);
  });

  // Good files with a token put somewhere else: mostly wrong, in every way; seed 4 so that as many are right each time.
  const sources = scenarioNames().map(textOf);
  const tokens = [...new Set(sources.flatMap((text) => text.match(/[\w.]+|"[^"]*"|\[[^\]]*\]/g) ?? []))];
  test('never refuses what the reader takes', () => {
    let taken = 0;
    const mutation = fc.tuple(fc.constantFrom(...sources), fc.nat(), fc.constantFrom(...tokens));
    fc.assert(
      fc.property(mutation, ([text, at, token]) => {
        const places = [...text.matchAll(/(?<=[:,[] )[^\s,{}[\]]+/g)];
        const place = places[at % places.length];
        const changed = text.slice(0, place.index) + token + text.slice(place.index + place[0].length);
        const { scenario, problems } = parseScenario(changed, 'f');
        for (const { line, column } of problems) expect(line! >= 1 && column! >= 1).toBe(true);
        expect(scenario === undefined).toBe(problems.length > 0);
        if (scenario === undefined) return;
        taken += 1;
        expect(isBySchema(changed)).toBe(true);
      }),
      { numRuns: 400, seed: 4 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

describe('what a file becomes', () => {
  test('one with the head alone has every default', () => {
    expect(read(head)).toEqual({
      id: 'x',
      title: 'X',
      seed: 1,
      startMs: Date.parse('2026-01-04T16:00:00Z'),
      durationMs: 48 * hour,
      stepMs: 60_000,
      warmupMs: 0,
      speed: 60,
      season: 'winter',
      met: [],
      inflow: [],
      incidents: [],
      sensorFaults: [],
      sensorFaultRate: 1,
      networkFaults: [],
      networkFaultRate: 1,
      cheatRate: 1,
      complaints: {
        ratePer10UgM3H: 0.02,
        smellBias: 2.5,
        delayMs: { kind: 'lognormal', median: 35 * 60_000, gsd: 2.2 },
        wrongPlaceM: 900,
      },
      control: {
        mode: 'open_loop',
        response: {
          comply: 0.93,
          cheat: 0.02,
          refuse: 0.01,
          notifyMs: { kind: 'fixed', value: 45 * 60_000 },
          rampMs: { kind: 'lognormal', median: 150 * 60_000, gsd: 1.6 },
          cheatStyles: ['night_production', 'control_off', 'meter_bypass', 'idle_fan'],
          trafficCut: 0.25,
          dustStop: 0.9,
        },
        scripted: [],
      },
      truth: { minIncrement: { pm25: 15, pm10: 40, kSigma: 3 }, top: 5 },
    });
  });

  test.each([
    ['01', 'winter'],
    ['02', 'winter'],
    ['03', 'spring'],
    ['06', 'summer'],
    ['09', 'autumn'],
    ['11', 'autumn'],
    ['12', 'winter'],
  ])('a start in month %s without a season is in %s', (month, season) => {
    expect(read(head.replace('2026-01', `2026-${month}`)).season).toBe(season);
  });

  test('weather and inflow', () => {
    const { met, inflow } = read(`${head}
met: { timeline: [{ at: 90m, ws: 3, wd: 200, rh: 40, h_factor: 0.5, t_offset: -2, cloud: 0, rain: 1, fog: 1 }, { at: 2h }] }
background: { inflow: [{ from: 1h, to: 1d, ramp: 2h, add: { PM25: 1, PMC: 2, OX: 3 } }] }`);
    expect(met).toEqual([
      {
        atMs: 1.5 * hour,
        windMps: 3,
        windFromDeg: 200,
        rhPct: 40,
        mixingFactor: 0.5,
        tempOffsetC: -2,
        cloud: 0,
        rainMmH: 1,
        fog: 1,
      },
      { atMs: 2 * hour },
    ]);
    expect(inflow).toEqual([{ fromMs: hour, toMs: 24 * hour, rampMs: 2 * hour, add: { pm25: 1, pmc: 2, ox: 3 } }]);
  });

  const span = 'from: 1h, to: 2h';
  const spanMs = { fromMs: hour, toMs: 2 * hour };
  const picked = { pick: 'random', rank: 1, count: 1 };
  test.each([
    [
      `kind: control_failure, target: { type: cems, pick: seen, rank: 2 }, factor: 60, power: idle_fan, ${span}`,
      { target: { ...picked, type: 'cems', pick: 'seen', rank: 2 }, pollutant: 'all', factor: 60, power: 'idle_fan', ...spanMs },
    ],
    [
      `kind: fugitive, target: { type: gas, id: E-0042 }, q: { PM25: 6 }, ${span}`,
      { target: { ...picked, type: 'gas', id: 'E-0042' }, emissionGps: { pm25: 6 }, heightM: 6, ...spanMs },
    ],
    [
      `kind: fugitive, target: { type: cems, industry: rubber, county: High-tech Zone }, ${span}`,
      { target: { ...picked, type: 'cems', industry: 'rubber', district: '131171' }, heightM: 6, ...spanMs },
    ],
    [
      `kind: night_discharge, target: { type: gas, county: 131126 }, windows: ["22:00-04:30"], ${span}`,
      {
        target: { ...picked, type: 'gas', district: '131126' },
        factor: 8,
        windows: [{ fromMinute: 1320, toMinute: 270 }],
        ...spanMs,
      },
    ],
    [
      `kind: dust_no_control, target: { type: site, county: 安平县, count: 3 }, ${span}`,
      { target: { ...picked, type: 'site', district: '131125', count: 3 }, factor: 6, ...spanMs },
    ],
    [
      `kind: fire, area_mu: "uniform(2, 8)", fuel: wheat, ${span}`,
      { count: 1, areaMu: { kind: 'uniform', low: 2, high: 8 }, fuel: 'wheat', at: 'rural', ...spanMs },
    ],
    [
      `kind: fire, area_mu: 20, fuel: maize, at: upwind_of_station, station: S003, distance: 2.5km, camera_detect: 1, camera_delay: 2m, ${span}`,
      {
        count: 1,
        areaMu: { kind: 'fixed', value: 20 },
        fuel: 'maize',
        at: { station: 'S003', distanceM: 2500 },
        detectShare: 1,
        detectDelayMs: 120_000,
        ...spanMs,
      },
    ],
    [
      'kind: fireworks, mass_pm25: 1.5t, profile: [[1h, 0.25], [2h, 0.75]]',
      {
        massPm25Kg: 1500,
        so2Ratio: 0.25,
        profile: [
          [hour, 0.25],
          [2 * hour, 0.75],
        ],
        fromMs: hour,
        toMs: 3 * hour,
      },
    ],
    [`kind: area_factor, sector: voc, factor: 1.5, ${span}`, { sector: 'voc', factor: 1.5, ...spanMs }],
  ])('incident %s', (keys, want) => {
    const { incidents } = read(`${head}emissions: { events: [{ id: A, ${keys} }] }\n`);
    expect(incidents).toEqual([{ id: 'A', kind: /kind: (\w+)/.exec(keys)?.[1], ...want }]);
  });

  const always = { fromMs: 0, toMs: 48 * hour };
  const air = { source: 'S012', sourceKind: 'air' };
  test.each([
    ['kind: stuck, station: S012, param: rh', { ...air, metrics: ['rhPct'], ...always }],
    [
      'kind: drift, station: S012, param: [pm25, pm10], rate_per_day: 0.1',
      { ...air, metrics: ['pm25', 'pm10'], ratePerDay: 0.1, ...always },
    ],
    ['kind: step, station: S012, factor: 2, from: 1h', { ...air, metrics: [], factor: 2, fromMs: hour, toMs: 48 * hour }],
    ['kind: spike, station: S012, size: 250', { ...air, metrics: [], ratePerHour: 0.5, size: 250, ...always }],
    ['kind: dropout, station: S012, share: 0.4', { ...air, metrics: [], share: 0.4, ...always }],
    [
      'kind: saturate, source: X-7, type: site, param: tsp, at: 900',
      { source: 'X-7', sourceKind: 'dust', metrics: ['tsp'], at: 900, ...always },
    ],
    [
      'kind: cross_interference, station: S012, param: o3, with: no2, coef: 0.3',
      { ...air, metrics: ['o3'], with: 'no2', coef: 0.3, ...always },
    ],
    ['kind: rh_runaway, station: S012', { ...air, metrics: [], ...always }],
    ['kind: tamper, station: S012', { ...air, metrics: [], factor: 0.55, ...always }],
  ])('sensor fault %s', (keys, want) => {
    const { sensorFaults } = read(`${head}sensors: { default_rate: 0, faults: [{ id: A, ${keys} }] }\n`);
    expect(sensorFaults).toEqual([{ id: 'A', kind: /kind: (\w+)/.exec(keys)?.[1], ...want }]);
  });

  const everywhere = { scope: { share: 1 }, ...always };
  test.each([
    [
      'kind: outage, scope: { county: gucheng }, from: 1h, to: 2h',
      { scope: { district: '131126', share: 1 }, backfill: true, batch: 200, ...spanMs },
    ],
    ['kind: disconnect, scope: all, backfill: false', { ...everywhere, backfill: false, batch: 200 }],
    ['kind: delay, scope: all, delay: 5m', { ...everywhere, share: 1, delayMs: { kind: 'fixed', value: 300_000 } }],
    // Without quotes YAML would cut it at the comma.
    [
      'kind: reorder, scope: all, delay: lognormal(60s, 3), share: 0.1',
      { ...everywhere, share: 0.1, delayMs: { kind: 'lognormal', median: 60_000, gsd: 3 } },
    ],
    ['kind: duplicate, scope: all', { ...everywhere, share: 0.002 }],
    ['kind: burst, scope: all, every: 10m', { ...everywhere, delayMs: { kind: 'fixed', value: 600_000 } }],
    [
      'kind: clock_skew, scope: { type: meter, share: 0.5 }, seconds: 480, share: 0.5',
      { ...always, scope: { kind: 'power', share: 0.25 }, offsetMs: 480_000, grows: true },
    ],
    [
      'kind: clock_jump, scope: { station: S012 }, seconds: -3600, at: 2h, for: 6h',
      { scope: { source: 'S012', share: 1 }, offsetMs: -hour, fromMs: 2 * hour, toMs: 8 * hour },
    ],
    ['kind: clock_zone, scope: { type: site }, hours: 8', { ...always, scope: { kind: 'dust', share: 1 }, offsetMs: 8 * hour }],
    ['kind: false_alarm, scope: { type: camera, share: 0.1 }', { ...always, scope: { kind: 'camera', share: 0.1 }, perDay: 2 }],
  ])('network fault %s', (keys, want) => {
    const { networkFaults } = read(`${head}network_faults: [{ id: A, ${keys} }]\n`);
    expect(networkFaults).toEqual([{ id: 'A', kind: /kind: (\w+)/.exec(keys)?.[1], ...want }]);
  });

  test('rates, control, truth and score', () => {
    const score = 'match: { source_event: { window: 90m, distance: 3km } }';
    const episode = read(`${head}
sensors: { default_rate: 3 }
network_default_rate: 4
emissions: { cheat_rate: 5 }
control: { mode: scripted, response: { cheat_style: idle_fan, ramp: 1h }, scripted: [{ id: O1, level: red, from: 1h, to: 2h, cut: 0.4, kinds: [cems] }] }
truth: { counterfactual: true, attribution: { top: 3, min_increment: { pm25: 20 } }, detectable_rule: "a remark" }
score: { ${score} }`);
    expect(episode).toMatchObject({
      sensorFaultRate: 3,
      networkFaultRate: 4,
      cheatRate: 5,
      truth: { minIncrement: { pm25: 20, pm10: 40, kSigma: 3 }, top: 3 },
      score: { match: { source_event: { window: '90m', distance: '3km' } } },
    });
    expect(episode.control).toMatchObject({
      mode: 'scripted',
      response: { cheatStyles: ['idle_fan'], rampMs: { kind: 'fixed', value: hour } },
      scripted: [{ id: 'O1', level: 'red', ...spanMs, cut: 0.4, kinds: ['cems'] }],
    });
  });

  test('an alias stands for what it names', () => {
    const { met } = read(
      `${head}met: { timeline: [{ at: &t 1h, ws: 2 }] }\nbackground: { inflow: [{ from: *t, to: 2h, add: {} }] }\n`,
    );
    expect(met[0].atMs).toBe(hour);
  });
});

describe('wrong text', () => {
  test('every problem is reported, each at its place', () => {
    const text = `${head.replace('seed: 1', 'seed: one')}met:
  timeline:
    - { at: 1h, ws: fast }
    - { at: 99h }
  weather: 1
`;
    expect(parseScenario(text, 'f').problems.map(({ line, column, message }) => [line, column, message])).toEqual([
      [4, 7, 'seed is not valid'],
      [10, 3, 'unknown key "met.weather"'],
      [8, 21, 'met.timeline[0].ws is not valid'],
      [9, 13, 'met.timeline[1].at is after the end'],
    ]);
  });

  test.each([
    ['nesting without end', '['.repeat(50_000)],
    ['an alias of itself', `${head}met: &a { timeline: [*a] }\n`],
    ['an alias of nothing', `${head}met: *a\n`],
    ['a key twice', `${head}seed: 2\n`],
    ['a key that is a list', `${head}? [1, 2]\n: 3\n`],
    ['a key without a value', `${head}met: { timeline }\n`],
    ['more than a scenario can be', `# ${'x'.repeat(1_000_001)}\n${head}`],
    ['several documents', `${head}---\n${head}`],
    ['a tag', `${head}met: !!omap [a: 1]\n`],
  ])('%s is a problem and no throw', (_, text) => {
    const { scenario, problems } = parseScenario(text, 'f');
    expect(scenario).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });

  test('a short text whose aliases name a huge document is refused at once', () => {
    const frame = `&f [${'{ at: 1h }, '.repeat(999)}{ at: 1h }]`;
    const { problems } = parseScenario(`${head}met: { timeline: ${frame} }\nbackground: { inflow: *f }\n`, 'f');
    expect(problems.length).toBeGreaterThan(0);
  });

  test('any text is read or refused', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.constantFrom(...head.split(/(?<=[\s:])/), '&a ', '*a', '- ', '{', '}', '[', ']', '? ', '!!set ', '<<: '),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const { scenario, problems } = parseScenario(parts.join(''), 'f');
        expect(scenario === undefined).toBe(problems.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('lantian check', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function check(...args: string[]): Promise<{ readonly printed: string; readonly error?: string }> {
    let printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
      printed += String(part);
      return true;
    });
    const program = new Command();
    addCheck(program);
    try {
      await program.parseAsync(['check', ...args], { from: 'user' });
      return { printed };
    } catch (error) {
      return { printed, error: (error as Error).message };
    }
  }

  test('takes names that ship', async () => {
    expect(await check('quiet-week', 'fan-off')).toEqual({ printed: 'quiet-week: good\nfan-off: good\n' });
  });

  test('a name that does not ship is answered with those that do', async () => {
    expect(await check('nowhere')).toEqual({
      printed: expect.stringContaining('mixed-month, quiet-week'),
      error: '1 problem found',
    });
  });

  test('prints line and column of every problem', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lantian-check-'));
    const file = join(folder, 'a.yaml');
    await writeFile(file, `${head}season: monsoon\nmet: 3\n`);
    const { printed, error } = await check(file);
    await rm(folder, { recursive: true });
    expect(printed).toContain(`${file}:6:9: season is not valid (value monsoon; allowed: winter`);
    expect(printed).toContain(`${file}:7:6: met is not valid (value 3; allowed: a map of timeline)`);
    expect(error).toBe('2 problems found');
  });

  test('prints the schema', async () => {
    expect(JSON.parse((await check('--schema')).printed)).toMatchObject({ title: 'lantian-scenario/1' });
  });
});
