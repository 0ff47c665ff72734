// `lantian city`: the simulated city's register.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeRegister } from '../../../simulator/registerFiles.ts';
import { makeRegister } from '../../../simulator/world/city.ts';
import { cityRound } from '../../edge/ingest/sourceTable.ts';
import { catalog, kinds } from '../../schema/catalog.ts';
import type { Register } from '../../schema/register.ts';
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
    .option('--out <dir>', 'folder to write city.json, districts.ndjson and sources.ndjson to')
    .option('--seed <number>', 'another city', String(defaultCitySeed))
    .option('--describe', 'print counts by kind and district; with --out also draw city.svg', false)
    .option('--json', 'the description as JSON', false)
    .addHelpText('after', '\nExample:\n  lantian city --out ./register --describe\n')
    .action(async (flags: CityFlags) => {
      const seed = parseSeed(flags.seed, defaultCitySeed);
      if (flags.out === undefined && !flags.describe)
        throw new UsageError('city needs --out DIR (write it) or --describe (print it)');
      const register = makeRegister(seed);
      if (flags.out !== undefined) {
        await writeRegister(flags.out, register);
        process.stdout.write(`${flags.out}: ${register.districts.length} districts, ${register.sources.length} sources\n`);
      }
      if (!flags.describe) return;
      process.stdout.write(flags.json ? `${JSON.stringify(counts(register))}\n` : describe(register));
      if (flags.out === undefined) return;
      await writeFile(join(flags.out, 'city.svg'), cityMap(register));
      process.stdout.write(`map: ${join(flags.out, 'city.svg')}\n`);
    });
}

function counts(register: Register) {
  return register.districts.map((district) => ({
    code: district.code,
    zh: district.zh,
    ...Object.fromEntries(
      kinds.map((kind) => [
        kind,
        register.sources.filter((source) => source.kind === kind && source.district === district.code).length,
      ]),
    ),
  }));
}

function describe(register: Register): string {
  const rows = counts(register) as Record<string, string | number>[];
  const header = ['code', ...kinds, ''];
  const total = {
    code: 'all',
    zh: '',
    ...Object.fromEntries(kinds.map((kind) => [kind, register.sources.filter((source) => source.kind === kind).length])),
  };
  const line = (row: Record<string, string | number>) =>
    [...['code', ...kinds].map((key) => String(row[key]).padStart(8)), `  ${row.zh}`].join('');
  const round = cityRound(register);
  return [
    `${register.city.zh} ${register.city.en} (${register.city.code})`,
    header.map((name) => name.padStart(8)).join(''),
    ...rows.map(line),
    line(total),
    '',
    ...kinds.map(
      (kind) =>
        `${kind.padEnd(9)} ${catalog[kind].zh} ${catalog[kind].en}: ${catalog[kind].metrics.map((metric) => `${metric.id} ${metric.unit}`).join(', ')}`,
    ),
    '',
    `One round of the measuring kinds: ${round.rows} rows, ${round.values} values.`,
    '',
  ].join('\n');
}
