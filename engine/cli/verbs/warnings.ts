// `lantian warnings`: the levels that the criteria demand of past air, beside the warnings that were issued.

import type { Command } from 'commander';
import { type AqiSeries, daySeries, StationHours } from '../../../simulator/lab/warnings/aqiSeries.ts';
import { historyOf } from '../../../simulator/lab/warnings/history.ts';
import { comparedText, daysText, episodesText } from '../../../simulator/lab/warnings/historyText.ts';
import { compareIssued, readIssued } from '../../../simulator/lab/warnings/issued.ts';
import { type CityDay, isCityDays, readCityDays } from '../../../simulator/readers/cityDays.ts';
import { openReader } from '../../../simulator/readers/openReader.ts';
import { firstLine } from '../../../simulator/readers/textFile.ts';
import { formatBeijing } from '../../domain/calendar.ts';
import { type CriteriaId, criteriaIds, type DurationReading } from '../../schema/warning.ts';
import { problemPrinter } from '../problemPrinter.ts';
import { UsageError } from '../usage.ts';

interface WarningsFlags {
  readonly criteria: string;
  readonly reading: string;
  readonly city?: string;
  readonly stations?: string;
  readonly issued?: string;
  readonly region?: string;
  readonly days: boolean;
  readonly json: boolean;
}

const explained = `
How it is computed:
  Hourly files: means over the stations, then the index of each 24 hours (20 valid hours at least, PM2.5 among them).
  Daily files: the index of each calendar day, from what the file has of AQI, PM2.5, PM10, SO2, NO2, CO, O3.
  from and until are the 24 hours of the first and the end of the last index of the stretch that meets the level.
  The forecast is what was observed later. "By monitoring alone" is when each level was first met without any forecast.
  Episodes with the same number are one warning: the gap between them is shorter than the merging time (36 h).
  agree compares the issued level with the highest one that is demanded while it was in force (~ its end is not known).
  A warning follows the forecast of its day, and the rules of its city: differing is no error of either.
`;

export function addWarnings(program: Command): void {
  program
    .command('warnings')
    .description('levels that the criteria demand of past air: episodes by hour or day, beside the warnings that were issued')
    .argument(
      '<file...>',
      'hourly (CNEMC china_sites, UCI Beijing) or daily means of cities (date,city,…; or date and a column per city)',
    )
    .option('--criteria <id>', `auto (by date, as in Hengshui), ${criteriaIds.join(', ')}`, 'auto')
    .option('--reading <blocks|rolling>', 'of "for 48 hours": 24-hour blocks in a row, or hours of the rolling index', 'blocks')
    .option('--city <name>', 'daily files: the city, as the file writes it')
    .option('--stations <ids>', 'hourly files: stations of the city, with commas; default: all')
    .option('--issued <csv>', 'compare with issued warnings: region, event, level, at_local, until_local, confidence')
    .option('--region <name>', 'with --issued: part of the region there (Beijing)')
    .option('--days', 'also the level of each day', false)
    .option('--json', 'episodes, days and comparison as JSON', false)
    .addHelpText(
      'after',
      `${explained}\nExample:\n  lantian warnings beijing-12-stations.csv.gz --criteria jjj-2016 --issued warnings.csv --region Beijing\n  lantian warnings city_daily.csv --city 衡水 --criteria jjj-2016 --days\n`,
    )
    .action(async (files: readonly string[], flags: WarningsFlags) => {
      const criteria = criteriaOf(flags.criteria);
      const reading = readingOf(flags.reading);
      if (flags.issued !== undefined && flags.region === undefined)
        throw new UsageError('--issued needs --region NAME: the part of its regions to compare with');
      const problems = problemPrinter();
      const series = await seriesOf(files, flags, problems.print);
      const history = historyOf(series, { criteria, reading });
      const issued = flags.issued === undefined ? undefined : await readIssued(flags.issued, flags.region as string);
      for (const problem of issued?.problems ?? []) problems.print(problem);
      problems.end();
      const compared = issued && compareIssued(issued.issued, history.episodes, series);
      if (flags.json) {
        process.stdout.write(`${JSON.stringify({ criteria, reading, ...history, ...(compared && { compared }) })}\n`);
        return;
      }
      process.stdout.write(`${headText(series, criteria, reading)}\n\n${episodesText(history)}`);
      if (flags.days) process.stdout.write(`\n${daysText(history)}`);
      if (compared) process.stdout.write(`\n${comparedText(compared)}`);
    });
}

function criteriaOf(text: string): CriteriaId | 'auto' {
  const found = (['auto', ...criteriaIds] as const).find((id) => id === text);
  if (found === undefined) throw new UsageError(`--criteria is "${text}"; allowed: auto, ${criteriaIds.join(', ')}`);
  return found;
}

function readingOf(text: string): DurationReading {
  if (text !== 'blocks' && text !== 'rolling') throw new UsageError(`--reading is "${text}"; allowed: blocks, rolling`);
  return text;
}

type OnProblem = ReturnType<typeof problemPrinter>['print'];

async function seriesOf(files: readonly string[], flags: WarningsFlags, onProblem: OnProblem): Promise<AqiSeries> {
  const heads = await Promise.all(files.map(firstLine));
  const daily = heads.map(isCityDays);
  if (daily.some((each) => each !== daily[0])) throw new UsageError('hourly and daily files cannot be mixed: give one kind');
  const series = daily[0]
    ? daySeries(await cityDays(files, flags.city, onProblem))
    : await hourSeries(files, flags.stations, onProblem);
  if (series === undefined) throw new Error(`there is no row that counts in ${files.join(', ')}`);
  return series;
}

async function hourSeries(
  files: readonly string[],
  stations: string | undefined,
  onProblem: OnProblem,
): Promise<AqiSeries | undefined> {
  const hours = new StationHours(stations?.split(','));
  for (const file of files) await hours.take(await openReader(file), onProblem);
  return hours.series();
}

async function cityDays(files: readonly string[], asked: string | undefined, onProblem: OnProblem): Promise<CityDay[]> {
  const days: CityDay[] = [];
  for (const file of files) {
    const { cities, problems } = await readCityDays(file);
    problems.forEach(onProblem);
    const names = [...cities.keys()];
    const city = asked?.replace(/市$/, '') ?? (names.length === 1 ? names[0] : undefined);
    const found = city === undefined ? undefined : cities.get(city);
    if (found === undefined)
      throw new UsageError(`--city is ${asked === undefined ? 'not given' : `"${asked}"`}; ${file} has: ${names.join(', ')}`);
    days.push(...found);
  }
  return days;
}

function headText({ startMs, everyMs, aqi, stations }: AqiSeries, criteria: string, reading: string): string {
  const day = (ms: number) => formatBeijing(ms).slice(0, 10);
  const known = aqi.filter((value) => !Number.isNaN(value)).length;
  const what = everyMs === 3_600_000 ? `rolling 24-hour index of ${stations.length} stations, hours` : 'index of calendar days';
  return `${what} ${day(startMs)} to ${day(startMs + aqi.length * everyMs - 1)}, ${known} of ${aqi.length} known; criteria ${criteria}, durations in ${reading}`;
}
