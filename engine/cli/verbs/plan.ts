// `lantian plan`: curtailment plans: is the required cut reached, lists from and for Excel, drafts of orders.

import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { writeRegister } from '../../../simulator/registerFiles.ts';
import { formatBeijing, hourStart, parseTime } from '../../domain/calendar.ts';
import { type CutEditionId, checkSettings, cutEditionIds } from '../../domain/curtailment/checkSettings.ts';
import { ordersOf } from '../../domain/curtailment/orders.ts';
import { checkPlan } from '../../domain/curtailment/planCheck.ts';
import { type CsvEncoding, csvEncodings } from '../../edge/plans/csvFile.ts';
import { importPlans, type PlanImport } from '../../edge/plans/importPlans.ts';
import { ordersCsv } from '../../edge/plans/ordersCsv.ts';
import { columnsHelp } from '../../edge/plans/planColumns.ts';
import type { PlanFileProblem } from '../../edge/plans/planProblem.ts';
import { plansCsv } from '../../edge/plans/plansCsv.ts';
import type { Order } from '../../schema/order.ts';
import { type Level, levels } from '../../schema/register.ts';
import { loadRegister } from '../loadRegister.ts';
import { planCheckText } from '../planCheckText.ts';
import { loadPlanSettings } from '../planSettings.ts';
import { UsageError } from '../usage.ts';

const registerFlag = ['--register <dir>', 'register of the city; default: the simulated Hengshui'] as const;
const encodingFlag = '--encoding <name>';

export function addPlan(program: Command): void {
  const plan = program
    .command('plan')
    .description('curtailment plans of the enterprises (一厂一策): check, import, export, orders, settings')
    .addHelpText(
      'after',
      `
Example:
  lantian plan check --level red
  lantian plan export --register ./register --out plans.csv     # edit it in Excel, save as CSV
  lantian plan import plans.csv --register ./register --out ./register2
  lantian plan orders --level red --register ./register2 --out orders.csv
`,
    );
  addPlanCheck(plan);
  addImport(plan);
  addExport(plan);
  addOrders(plan);
  plan
    .command('settings')
    .description('print what the check takes for granted, as JSON: leave in a file what is to be other, for check --settings')
    .action(() => {
      process.stdout.write(`${JSON.stringify(checkSettings, null, 2)}\n`);
    });
}

const oneOf = <Choice extends string>(name: string, value: string, allowed: readonly Choice[]): Choice => {
  if ((allowed as readonly string[]).includes(value)) return value as Choice;
  throw new UsageError(`${name} is "${value}"; allowed: ${allowed.join(', ')}`);
};

interface CheckFlags {
  readonly register?: string;
  readonly level: string;
  readonly edition: string;
  readonly settings?: string;
  readonly lang: string;
  readonly json: boolean;
}

function addPlanCheck(plan: Command): void {
  plan
    .command('check')
    .description("does a level's plan reach the required cut of SO2, NOx, PM and VOCs, and by which measures; exit code 1 if not")
    .option(...registerFlag)
    .option('--level <name>', levels.join(', '), 'red')
    .option('--edition <id>', `whose required cuts: ${cutEditionIds.join(', ')}`, 'mee-2024')
    .option(
      '--settings <file>',
      'JSON with what is to be other than `lantian plan settings` prints: the inventory, required cuts',
    )
    .option('--lang <zh|en>', 'language of the text', 'zh')
    .option('--json', 'as JSON; emissions in kg of a usual working day', false)
    .addHelpText(
      'after',
      '\nExample:\n  lantian plan check --level orange --edition hebei-2018 --lang en\n  lantian plan check --register ./register --settings inventory.json --json\n\nThe exit code is 1 too where a plan breaks a rule: what does never becomes an order. Counties alone do not fail it.\n',
    )
    .action(async (flags: CheckFlags) => {
      const level: Level = oneOf('--level', flags.level, levels);
      const edition: CutEditionId = oneOf('--edition', flags.edition, cutEditionIds);
      const language = oneOf('--lang', flags.lang, ['zh', 'en'] as const);
      const settings = await loadPlanSettings(flags.settings);
      const check = checkPlan({ register: await loadRegister(flags.register), level, edition, settings });
      process.stdout.write(flags.json ? `${JSON.stringify(check)}\n` : planCheckText(check, settings, language));
      if (!check.city.isReached || check.problems.length > 0) process.exitCode = 1;
    });
}

interface ImportFlags {
  readonly register?: string;
  readonly out: string;
  readonly encoding?: string;
  readonly partly: boolean;
  readonly json: boolean;
}

const problemsShown = 20;

function addImport(plan: Command): void {
  plan
    .command('import <file>')
    .description('take plans from a list that Excel saved as CSV (UTF-8, GB18030 or UTF-16) into a copy of a register')
    .option(...registerFlag)
    .requiredOption('--out <dir>', 'folder to write the register with the new plans to')
    .option(encodingFlag, `${csvEncodings.join(', ')}; default: told from the file`)
    .option('--partly', 'take the enterprises without problems though others have some; default: all or nothing', false)
    .option('--json', 'what was taken and all problems, as JSON', false)
    .addHelpText(
      'after',
      `
Columns, in any order; one of the first four names the enterprise, the others may be left out:
${columnsHelp()}

A row a process; or a row an enterprise, whose measure is then of all its processes that emit. Rows above the header are passed
over. Blank cells of the enterprise (merged cells) mean the enterprise above. An enterprise that is not in the list keeps its plan.

Example:
  lantian plan import plans.csv --register ./register --out ./register2
`,
    )
    .action(async (file: string, flags: ImportFlags) => {
      const register = await loadRegister(flags.register);
      const encoding = flags.encoding === undefined ? undefined : oneOf('--encoding', flags.encoding, csvEncodings);
      const result = importPlans(await bytesOf(file), register, { encoding, isPartly: flags.partly });
      if (result.enterprises !== undefined) await writeRegister(flags.out, { ...register, enterprises: result.enterprises });
      const { enterprises: _, ...told } = result;
      process.stdout.write(flags.json ? `${JSON.stringify(told)}\n` : importText(file, flags.out, result));
      if (result.enterprises === undefined || result.problems.length > 0) process.exitCode = 1;
    });
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UsageError(`there is no file ${file}`);
  }
}

function problemText(file: string, { row, column, letter, message, value, allowed }: PlanFileProblem): string {
  const place = letter === undefined ? `row ${row}` : `row ${row}, column ${letter} ${column}`;
  const details = [value === undefined ? '' : `value "${value}"`, allowed === undefined ? '' : `allowed: ${allowed}`];
  const about = details.filter((part) => part !== '').join('; ');
  return `${file}: ${place}: ${message}${about === '' ? '' : ` (${about})`}`;
}

function importText(file: string, out: string, result: PlanImport): string {
  const { enterprises, taken, left, changes, problems, ignored, rows, encoding } = result;
  const shown = (lines: readonly string[]) => [
    ...lines.slice(0, problemsShown),
    ...(lines.length > problemsShown ? [`… and ${lines.length - problemsShown} more: --json`] : []),
  ];
  const end =
    enterprises === undefined
      ? `nothing was taken${problems.length > 0 && left.length > 0 ? '; --partly takes the enterprises without problems' : ''}`
      : `${out}: plans of ${taken.length} enterprises taken${left.length > 0 ? `, ${left.length} left out` : ''}`;
  return [
    ...shown(problems.map((problem) => problemText(file, problem))),
    ...(ignored.length > 0 ? [`columns that are not used: ${ignored.join(', ')}`] : []),
    ...shown(changes),
    `${file}: ${encoding ?? 'not read'}, ${rows} rows, ${problems.length} problems`,
    end,
    '',
  ].join('\n');
}

interface ExportFlags {
  readonly register?: string;
  readonly out: string;
  readonly encoding: string;
}

function addExport(plan: Command): void {
  plan
    .command('export')
    .description('write the plans of a register as a list for Excel, in the columns that import reads')
    .option(...registerFlag)
    .requiredOption('--out <file>', 'the CSV to write')
    .option(encodingFlag, csvEncodings.join(', '), 'utf-8')
    .addHelpText('after', '\nExample:\n  lantian plan export --register ./register --out plans.csv --encoding gb18030\n')
    .action(async (flags: ExportFlags) => {
      const encoding = oneOf('--encoding', flags.encoding, csvEncodings);
      const register = await loadRegister(flags.register);
      await writeFile(flags.out, plansCsv(register, encoding));
      process.stdout.write(`${flags.out}: plans of ${register.enterprises.length} enterprises, ${encoding}\n`);
    });
}

interface OrdersFlags extends ExportFlags {
  readonly level: string;
  readonly warning: string;
  readonly at?: string;
  readonly until?: string;
  readonly json: boolean;
}

const leadMs = 24 * 3_600_000;

function addOrders(plan: Command): void {
  plan
    .command('orders')
    .description('write every order of a level as CSV: a draft, nothing is issued or sent')
    .option(...registerFlag)
    .requiredOption('--level <name>', levels.join(', '))
    .requiredOption('--out <file>', 'the CSV to write')
    .option('--at <time>', 'from when, ISO 8601 with offset; default: the first whole hour at least 24 hours ahead')
    .option('--until <time>', 'expected end; default: until it is lifted')
    .option('--warning <id>', 'of which warning; goes into the ids', 'warning:draft')
    .option(encodingFlag, csvEncodings.join(', '), 'utf-8')
    .option('--json', 'a line of JSON an order instead of CSV', false)
    .addHelpText(
      'after',
      '\nExample:\n  lantian plan orders --level red --at 2026-01-05T12:00:00+08:00 --out orders.csv --encoding gb18030\n',
    )
    .action(async (flags: OrdersFlags) => {
      const level: Level = oneOf('--level', flags.level, levels);
      const encoding: CsvEncoding = oneOf('--encoding', flags.encoding, csvEncodings);
      const effectiveMs = timeOf('--at', flags.at) ?? hourStart(Date.now() + leadMs + 3_599_999);
      const untilMs = timeOf('--until', flags.until);
      if (untilMs !== undefined && untilMs <= effectiveMs)
        throw new UsageError(`--until is "${flags.until}"; allowed: later than ${formatBeijing(effectiveMs)}`);
      const register = await loadRegister(flags.register);
      const { enterprises } = register;
      const orders = ordersOf({ enterprises, warning: flags.warning, level, effectiveMs, untilMs });
      const lines = () => orders.map((order) => `${JSON.stringify(order)}\n`).join('');
      await writeFile(flags.out, flags.json ? lines() : ordersCsv(orders, register, encoding));
      process.stdout.write(
        `${flags.out}: ${ordersText(orders)}, from ${formatBeijing(effectiveMs)}: a draft, nothing is issued\n`,
      );
    });
}

function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseTime(text);
  if (Number.isFinite(ms)) return ms;
  throw new UsageError(`${name} is "${text}"; allowed: ISO 8601 with an offset, as 2026-01-05T12:00:00+08:00`);
}

function ordersText(orders: readonly Order[]): string {
  const of = (action: Order['action']) => orders.filter((order) => order.action === action).length;
  const enterprises = new Set(orders.map(({ enterprise }) => enterprise)).size;
  return `${orders.length} orders to ${enterprises} enterprises (stop ${of('stop')}, limit ${of('limit')}, transport ${of('transport')})`;
}
