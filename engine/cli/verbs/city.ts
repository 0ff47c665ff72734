// `lantian city`: the simulated city's register.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeRegister } from '../../../simulator/registerFiles.ts';
import { industryOf } from '../../../simulator/world/city/industries.ts';
import { usualDayKg } from '../../../simulator/world/city/plant.ts';
import { makeRegister } from '../../../simulator/world/city.ts';
import { cityRound } from '../../edge/ingest/sourceTable.ts';
import { catalog, kinds } from '../../schema/catalog.ts';
import { type Emission, type Enterprise, grades, type Register } from '../../schema/register.ts';
import { cityMap } from '../cityMap.ts';
import { defaultCitySeed } from '../loadRegister.ts';
import { UsageError } from '../usage.ts';
import { parseSeed } from './simulate.ts';

interface CityFlags {
  readonly out?: string;
  readonly seed: string;
  readonly describe: boolean;
  readonly json: boolean;
}

export function addCity(program: Command): void {
  program
    .command('city')
    .description('write the register of the simulated Hengshui, or describe it')
    .option('--out <dir>', 'folder to write city.json, districts, sources, enterprises, townships and inspectors (.ndjson) to')
    .option('--seed <number>', 'another city', String(defaultCitySeed))
    .option('--describe', 'print counts by kind and district, enterprises, emissions; with --out also draw city.svg', false)
    .option('--json', 'the description as JSON', false)
    .addHelpText('after', '\nExample:\n  lantian city --out ./register --describe\n')
    .action(async (flags: CityFlags) => {
      const seed = parseSeed(flags.seed, defaultCitySeed);
      if (flags.out === undefined && !flags.describe)
        throw new UsageError('city needs --out DIR (write it) or --describe (print it)');
      const register = makeRegister(seed);
      if (flags.out !== undefined) {
        await writeRegister(flags.out, register);
        process.stdout.write(`${flags.out}: ${sizes(register)}\n`);
      }
      if (!flags.describe) return;
      process.stdout.write(flags.json ? `${JSON.stringify(description(register))}\n` : describe(register));
      if (flags.out === undefined) return;
      await writeFile(join(flags.out, 'city.svg'), cityMap(register));
      process.stdout.write(`map: ${join(flags.out, 'city.svg')}\n`);
    });
}

function sizes({ districts, townships, sources, enterprises, inspectors }: Register): string {
  return [
    `${districts.length} districts`,
    `${townships.length} townships`,
    `${sources.length} sources`,
    `${enterprises.length} enterprises`,
    `${inspectors.length} inspectors`,
  ].join(', ');
}

/** How often each key comes, the most frequent first. */
function tally(keys: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

/** At usual hours and load, t/d. */
function emissionsTpd(enterprises: readonly Enterprise[]): Emission {
  const sum = { so2: 0, nox: 0, pm: 0, voc: 0 };
  for (const { processes } of enterprises)
    for (const process of processes) {
      const day = usualDayKg(process);
      for (const key of ['so2', 'nox', 'pm', 'voc'] as const) sum[key] += day[key] / 1000;
    }
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  return { so2: rounded(sum.so2), nox: rounded(sum.nox), pm: rounded(sum.pm), voc: rounded(sum.voc) };
}

/** Everything that `--describe` prints, as data. */
function description(register: Register) {
  const { enterprises, inspectors, townships, sources } = register;
  const grade = tally(enterprises.map((enterprise) => enterprise.grade));
  const of = <Row extends { readonly district: string }>(rows: readonly Row[], code: string | undefined) =>
    code === undefined ? rows : rows.filter(({ district }) => district === code);
  const counted = (code: string | undefined) => {
    const [own, placed] = [of(sources, code), of(enterprises, code)];
    const byKind = tally(own.map(({ kind }) => kind));
    return {
      kinds: Object.fromEntries(kinds.map((kind) => [kind, byKind[kind] ?? 0])),
      townships: of(townships, code).length,
      enterprises: placed.length,
      metered: placed.filter(({ mainMeter }) => mainMeter !== undefined).length,
      inspectors: of(inspectors, code).length,
      emissionsTpd: emissionsTpd(placed),
    };
  };
  return {
    city: register.city,
    districts: register.districts.map(({ code, zh }) => ({ code, zh, ...counted(code) })),
    all: counted(undefined),
    grades: Object.fromEntries(grades.map((each) => [each, grade[each] ?? 0])),
    industries: tally(enterprises.map(({ industry }) => industry)),
    processes: enterprises.reduce((sum, { processes }) => sum + processes.length, 0),
    emitting: enterprises.reduce((sum, { processes }) => sum + processes.filter(({ emits }) => emits).length, 0),
    smallMicro: enterprises.filter(({ smallMicro }) => smallMicro).length,
    guarantee: enterprises.filter(({ guarantee }) => guarantee !== undefined).length,
    round: cityRound(register),
  };
}

/** Of a column. */
const width = 8;

function describe(register: Register): string {
  const found = description(register);
  const rows = [...found.districts, { code: 'all', zh: '', ...found.all }];
  const table = (head: readonly string[], cells: (row: (typeof rows)[number]) => readonly (string | number)[]) => [
    ['code', ...head].map((name) => (name.length < width ? name : `${name.slice(0, width - 2)}…`).padStart(width)).join(''),
    ...rows.map((row) => `${[row.code, ...cells(row)].map((cell) => String(cell).padStart(width)).join('')}  ${row.zh}`),
  ];
  const industries = Object.entries(found.industries).map(
    ([code, count]) => `${String(count).padStart(5)} ${code.padEnd(18)} ${industryOf(code)?.zh ?? ''}`,
  );
  return [
    `${register.city.zh} ${register.city.en} (${register.city.code}): ${sizes(register)}`,
    '',
    'Sources:',
    ...table(kinds, ({ kinds: counts }) => kinds.map((kind) => counts[kind])),
    '',
    'Enterprises and people; emissions in t/d at usual load, treatment working:',
    ...table(['towns', 'plants', 'metered', 'people', 'SO2', 'NOx', 'PM', 'VOC'], (row) => [
      row.townships,
      row.enterprises,
      row.metered,
      row.inspectors,
      ...[row.emissionsTpd.so2, row.emissionsTpd.nox, row.emissionsTpd.pm, row.emissionsTpd.voc].map((value) => value.toFixed(2)),
    ]),
    '',
    `By grade: ${Object.entries(found.grades)
      .map(([grade, count]) => `${grade} ${count}`)
      .join(', ')}; small and micro ${found.smallMicro}, guarantee ${found.guarantee}.`,
    `Processes: ${found.processes}, of which ${found.emitting} emit to air.`,
    'By industry:',
    ...industries,
    '',
    ...kinds.map(
      (kind) =>
        `${kind.padEnd(9)} ${catalog[kind].zh} ${catalog[kind].en}: ${catalog[kind].metrics.map((metric) => `${metric.id} ${metric.unit}`).join(', ')}`,
    ),
    '',
    `One round of the measuring kinds: ${found.round.rows} rows, ${found.round.values} values.`,
    '',
  ].join('\n');
}
