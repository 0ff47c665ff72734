// Register and scenario files, progress.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
    await writeRegister(folder, makeRegister(1));
    await writeFile(join(folder, 'sources.ndjson'), `${good}\n${line}\n`);
    const { register, problems } = await readRegister(folder);
    expect(register).toBeUndefined();
    expect(problems.map(problemText).join()).toContain(words);
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
    const register = makeRegister(1);
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
