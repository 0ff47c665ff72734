// Register and scenario files, progress.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Register } from '../../engine/schema/register.ts';
import { problemText } from '../../simulator/fileProblem.ts';
import { progress } from '../../simulator/progress.ts';
import { readRegister, writeRegister } from '../../simulator/registerFiles.ts';
import { parseScenario, readScenario, scenarioFile } from '../../simulator/scenario.ts';
import { simulateSteps } from '../../simulator/simulate.ts';
import { makeRegister } from '../../simulator/world/city.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('register files', () => {
  test('what is written is read back; a byte order mark does no harm', async () => {
    const register = makeRegister(7);
    await writeRegister(folder, register);
    const sources = join(folder, 'sources.ndjson');
    await writeFile(sources, `\ufeff${await readFile(sources, 'utf8')}`);
    expect(await readRegister(folder)).toEqual({ register, problems: [] });
  });

  const good = '{"kind":"air","id":"A","zh":"甲","district":""}';
  test.each([
    ['{"kind":"air"', 'sources.ndjson:2: not a JSON object'],
    ['[]', 'sources.ndjson:2: not a JSON object'],
    ['{"kind":"sea","id":"B","zh":"乙","district":""}', 'kind is not valid (value sea; allowed: air, cems'],
    ['{"kind":"air","id":"","zh":"乙","district":""}', 'id is not valid (value ""; allowed: a text of 1 to 64'],
    ['{"kind":"air","id":"B","zh":"乙","district":"999"}', 'district is not valid (value 999; allowed: a code of districts'],
    [
      '{"kind":"air","id":"B","zh":"乙","district":"","lat":1e9}',
      'lat is not valid (value 1000000000; allowed: a number from -90',
    ],
    ['{"kind":"air","id":"B","zh":"乙","district":"","colour":1}', 'colour is not valid (value 1; allowed: only kind, id'],
    ['{"kind":"air","id":"B","zh":"乙","district":"","latenessMs":-1}', 'latenessMs is not valid (value -1'],
    [good, 'sources.ndjson:2: the same as line 1 (value air A; allowed: each once)'],
  ])('%s is refused by line', async (line, words) => {
    await writeRegister(folder, { ...makeRegister(1), enterprises: [], inspectors: [] });
    await writeFile(join(folder, 'sources.ndjson'), `${good}\n${line}\n`);
    const { register, problems } = await readRegister(folder);
    expect(register).toBeUndefined();
    expect(problems.map(problemText).join()).toContain(words);
  });

  test('enterprises, townships and inspectors may be absent', async () => {
    const bare = await mkdtemp(join(folder, 'bare-'));
    const register = makeRegister(1);
    await writeRegister(bare, register);
    for (const name of ['enterprises', 'townships', 'inspectors']) await rm(join(bare, `${name}.ndjson`));
    expect(await readRegister(bare)).toEqual({
      register: { ...register, enterprises: [], townships: [], inspectors: [] },
      problems: [],
    });
  });

  test('the same seed writes the same bytes, another seed others', async () => {
    const names = ['city.json', 'districts', 'sources', 'enterprises', 'townships', 'inspectors'];
    const digests = async (seed: number) => {
      const dir = await mkdtemp(join(folder, 'seed-'));
      await writeRegister(dir, makeRegister(seed));
      return Promise.all(
        names.map(async (name) =>
          createHash('sha256')
            .update(await readFile(join(dir, name.endsWith('.json') ? name : `${name}.ndjson`)))
            .digest('hex'),
        ),
      );
    };
    const first = await digests(3);
    expect(await digests(3)).toEqual(first);
    const other = await digests(4);
    expect(names.filter((_, i) => other[i] !== first[i])).toEqual(['sources', 'enterprises', 'inspectors']);
  });

  const zone = { code: 'T1', zh: '甲镇', en: 'Jia', district: 'D1', lon: 115, lat: 37 };
  const none = { so2: 0, nox: 0, pm: 0, voc: 0 };
  const plant = {
    id: 'E-1',
    zh: '甲厂',
    en: 'Jia',
    industry: 'casting',
    grade: 'C',
    district: 'D1',
    township: 'T1',
    lon: 115,
    lat: 37,
    processes: [
      {
        id: 'P1',
        zh: '熔炼',
        en: 'Melting',
        emits: true,
        ratedKw: 100,
        shifts: 'day',
        emission: none,
        stack: { heightM: 20, diameterM: 1, tempC: 60, flowM3S: 5, cems: 'C1' },
        productionMeter: 'M-P',
      },
    ],
    mainMeter: 'M-M',
    plan: { yellow: [{ process: 'P1', action: 'limit', toPct: 50 }], orange: [], red: [{ action: 'transport' }] },
  };
  const source = (kind: string, id: string, more: object = {}) => ({ kind, id, zh: id, district: 'D1', ...more });

  /** A register of one enterprise, its lines changed. */
  async function small(change: { readonly enterprise?: object; readonly inspector?: object; readonly township?: object }) {
    const dir = await mkdtemp(join(folder, 'small-'));
    await writeRegister(dir, {
      city: { code: '1', zh: '城', en: 'City' },
      districts: [
        { code: 'D1', zh: '区', en: 'District', lon: 115, lat: 37 },
        { code: 'D2', zh: '乙区', en: 'Other', lon: 116, lat: 37 },
      ],
      sources: [
        source('cems', 'C1', { enterprise: 'E-1' }),
        source('cems', 'C2', { enterprise: 'E-2' }),
        source('power', 'M-M', { enterprise: 'E-1', circuit: 'main' }),
        source('power', 'M-P', { enterprise: 'E-1', circuit: 'production' }),
      ],
      enterprises: [{ ...plant, ...change.enterprise }],
      townships: [{ ...zone, ...change.township }],
      inspectors: [{ id: 'G1', zh: '王强', township: 'T1', district: 'D1', ...change.inspector }],
    } as unknown as Register);
    return readRegister(dir);
  }

  test('a small register is good as it is', async () => {
    expect((await small({})).problems).toEqual([]);
  });

  const process = plant.processes[0];
  test.each([
    [{ enterprise: { grade: 'E' } }, 'enterprises.ndjson:1: grade is not valid (value E; allowed: A, B, B-, C, D, leading'],
    [{ enterprise: { district: 'D9' } }, 'district is not valid (value D9; allowed: a code of districts.ndjson)'],
    [{ enterprise: { township: 'T9' } }, 'township is not valid (value T9; allowed: a code of townships.ndjson)'],
    [{ enterprise: { district: 'D2' } }, 'township is not valid (value T1; allowed: a township of district D2)'],
    [{ enterprise: { owner: 'x' } }, 'owner is not valid (value x; allowed: only id, zh'],
    [{ enterprise: { processes: 'P1' } }, 'processes is not valid (value P1; allowed: a list of up to 200)'],
    [
      { enterprise: { processes: [{ ...process, ratedKw: -1 }] } },
      'processes[0].ratedKw is not valid (value -1; allowed: a number from 0',
    ],
    [{ enterprise: { processes: [process, process] } }, 'processes[1].id is not valid (value P1; allowed: each process once)'],
    [
      { enterprise: { processes: [{ ...process, stack: { ...process.stack, heightM: 'high' } }] } },
      'processes[0].stack.heightM is not valid (value high; allowed: a number from 0 to 500)',
    ],
    [
      { enterprise: { processes: [{ ...process, stack: { ...process.stack, cems: 'C2' } }] } },
      'processes[0].stack.cems is not valid (value C2; allowed: the id of a cems source of sources.ndjson that belongs to E-1)',
    ],
    [
      { enterprise: { processes: [{ ...process, productionMeter: 'M-M' }] } },
      'processes[0].productionMeter is not valid (value M-M; allowed: the id of a power production source',
    ],
    [{ enterprise: { mainMeter: 'M-9' } }, 'mainMeter is not valid (value M-9; allowed: the id of a power main source'],
    [
      { enterprise: { plan: { ...plant.plan, red: [{ process: 'P2', action: 'stop' }] } } },
      'plan.red[0].process is not valid (value P2; allowed: P1)',
    ],
    [
      { enterprise: { plan: { ...plant.plan, orange: [{ process: 'P1', action: 'limit' }] } } },
      'plan.orange[0].toPct is not valid (value undefined; allowed: a number from 0 to 100)',
    ],
    [
      { enterprise: { plan: { ...plant.plan, orange: [{ process: 'P1', action: 'transport' }] } } },
      'plan.orange[0].process is not valid (value P1; allowed: none for transport)',
    ],
    [{ enterprise: { plan: { yellow: [], red: [] } } }, 'plan.orange is not valid (value undefined; allowed: a list'],
    [{ inspector: { township: 'T9' } }, 'inspectors.ndjson:1: township is not valid (value T9; allowed: a code of townships'],
    [{ township: { district: 'D9' } }, 'townships.ndjson:1: district is not valid (value D9; allowed: a code of districts'],
    [{ township: { lat: 91 } }, 'townships.ndjson:1: lat is not valid (value 91; allowed: a number from -90 to 90)'],
  ] as const)('case %#: $1', async (change, words) => {
    const { register, problems } = await small(change);
    expect(register).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problemText(problems[0])).toContain(words);
  });

  test('a folder without the files says what writes them', async () => {
    const { problems } = await readRegister(join(folder, 'none'));
    expect(problems).toHaveLength(3);
    expect(problemText(problems[0])).toContain('lantian city --out DIR');
  });
});

describe('scenario files', () => {
  const good =
    'schema: lantian-scenario/1\nid: x\ntitle: X\nseed: 1\nclock: { start: 2026-01-05T00:00:00+08:00, duration: 1h }\n';
  test('the one that ships is good', async () => {
    expect((await readScenario(scenarioFile('quiet-week'))).problems).toEqual([]);
  });

  test.each([
    [good.replace('seed: 1', 'seed: [1'), /^f:\d+:\d+: /],
    [good.replace('seed: 1', 'seed: one'), /^f:4:7: seed is not valid \(value one; allowed: a whole number\)/],
    [good.replace('1h', '1 hour'), /^f:5:\d+: clock.duration is not valid \(value 1 hour; allowed: a duration: 7d/],
    [good.replace('+08:00', ''), /clock.start is not valid .*ISO 8601 with offset/],
    [`${good}sead: 2\n`, /^f:6:1: unknown key "sead"/],
    [good.replace('duration: 1h', 'duration: 1h, stepp: 1m'), /unknown key "clock.stepp"/],
    ['- a\n', /not a scenario/],
    ['', /not a scenario/],
  ])('%j names line and column', (text, words) => {
    const { scenario, problems } = parseScenario(text, 'f');
    expect(scenario).toBeUndefined();
    expect(problemText(problems[0])).toMatch(words);
  });

  test('the same seed gives the same rows, another seed others', () => {
    const { scenario } = parseScenario(good, 'f');
    const whole = makeRegister(1);
    const register = { ...whole, sources: whole.sources.filter(({ kind }) => kind === 'air'), enterprises: [] };
    const values = (seed: number) =>
      JSON.stringify([...simulateSteps(scenario!, register, seed)].map((step) => step.frames[0].values));
    expect(values(1)).toBe(values(1));
    expect(values(1)).not.toBe(values(2));
  });
});

describe('progress', () => {
  function shown(isTTY: boolean) {
    let text = '';
    let ms = 0;
    const bar = progress({ stream: { isTTY, columns: 200, write: (part: string) => (text += part) }, nowMs: () => ms });
    const t0 = Date.parse('2026-01-05T00:00:00+08:00');
    bar.show({ eventMs: t0, rows: 0, lateRows: 0, share: 0 });
    ms = 10_000;
    bar.show({ eventMs: t0 + 3_600_000, rows: 5_000, lateRows: 50, share: 0.25 });
    bar.end();
    return text;
  }

  test('share, time left, event time, span, speed, rate, late share', () => {
    expect(shown(true)).toContain(
      '[#####...............] 25 %  ETA 30 s  2026-01-05 01:00  span 60 min  x360  500 rows/s  late 1.00 %',
    );
  });

  test('quiet when not a terminal', () => {
    expect(shown(false)).toBe('');
  });
});
