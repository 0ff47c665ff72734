// The small city of a rule test: its register, and its rows as steps of a minute.

import { hengshui, hengshuiDistricts } from '../../../engine/domain/geo.ts';
import { catalog, type Kind, type KindSpec, kinds } from '../../../engine/schema/catalog.ts';
import type { Enterprise, Register, Source } from '../../../engine/schema/register.ts';
import type { Frame } from '../../../engine/wire/frame.ts';
import type { Step } from '../../readers/reader.ts';
import { placeOf } from '../../world/local.ts';
import { kindsOf, type RuleTest, type TestEnterprise, type TestPlace, type TestRows, type TestValue } from './testFile.ts';

const minuteMs = 60_000;
/** The clock goes on after the last row: windows close, and what waits for them is judged. */
const afterMs = 30 * minuteMs;
/** Four minutes of it: no change, up, no change, down. */
const wobbles = [0, 1, 0, -1];

const none = { so2: 0, nox: 0, pm: 0, voc: 0 };

export function registerOf({ enterprises, sources }: RuleTest): Register {
  return {
    city: hengshui,
    districts: hengshuiDistricts,
    sources: [
      ...enterprises.flatMap(sourcesOf),
      ...sources.map(
        ({ id, kind, isNational, ...where }): Source => ({ kind, id, zh: id, ...placed(where), national: isNational }),
      ),
    ],
    enterprises: enterprises.map(enterpriseOf),
    townships: hengshuiDistricts.map(({ code, zh, en, lon, lat }) => ({ code: `${code}001`, zh, en, district: code, lon, lat })),
    inspectors: hengshuiDistricts.map(({ code, zh }) => ({ id: `I-${code}`, zh, township: `${code}001`, district: code })),
  };
}

function placed({ county, eastKm, northKm }: TestPlace) {
  return { district: county, ...placeOf({ x: eastKm * 1000, y: northKm * 1000 }) };
}

function sourcesOf(enterprise: TestEnterprise): readonly Source[] {
  const { id: owner, main, processes } = enterprise;
  const make = (id: string | undefined, kind: Kind, circuit?: Source['circuit']): readonly Source[] =>
    id === undefined
      ? []
      : [{ kind, id, zh: id, ...placed(enterprise), enterprise: owner, ...(circuit === undefined ? {} : { circuit }) }];
  const all = [
    ...make(main, 'power', 'main'),
    ...processes.flatMap(({ production, treatment, cems, voc }) => [
      ...make(production, 'power', 'production'),
      ...make(treatment, 'power', 'treatment'),
      ...make(cems, 'cems'),
      ...make(voc, 'voc'),
    ]),
  ];
  return [...new Map(all.map((source) => [source.id, source])).values()]; // processes may share a meter or a stack
}

function enterpriseOf(enterprise: TestEnterprise): Enterprise {
  const { id, industry, main, limits, processes } = enterprise;
  const { district, lon, lat } = placed(enterprise);
  return {
    id,
    zh: id,
    en: id,
    industry,
    grade: 'C',
    district,
    township: `${district}001`,
    lon,
    lat,
    permit: { number: `PERMIT-${id}`, limits },
    mainMeter: main,
    plan: { yellow: [], orange: [], red: [] },
    processes: processes.map(
      ({ id: process, ratedKw, treatmentKw, production, treatment, cems, voc, o2RefPct, flowM3S, pmKgH, vocKgH }) => ({
        id: process,
        zh: process,
        en: process,
        emits: true,
        ratedKw,
        shifts: 'two',
        emission: { ...none, pm: pmKgH, voc: vocKgH },
        treatment: treatmentKw === undefined ? undefined : { zh: '', en: '', removes: none, ratedKw: treatmentKw },
        stack:
          cems === undefined && voc === undefined
            ? undefined
            : { heightM: 20, diameterM: 1, tempC: 60, flowM3S, o2RefPct, cems, voc },
        productionMeter: production,
        treatmentMeter: treatment,
      }),
    ),
  };
}

/** One row; its time is the start of what it stands for. */
interface Row {
  /** Its id, where the kind has one: its source, its time, and which block of the file it is of. */
  readonly key: string;
  readonly source: string;
  readonly eventMs: number;
  readonly periodMs: number;
  readonly dueMs: number;
  readonly values: Readonly<Record<string, number>>;
  readonly text: Readonly<Record<string, string>>;
  readonly marks: Readonly<Record<string, string>>;
}

/** A tick each minute; before it the rows that are due. */
export function stepsOf(test: RuleTest): readonly Step[] {
  const kindOf = kindsOf(test);
  const all = [...rowsOf(test, kindOf).values()].sort((a, b) => a.dueMs - b.dueMs || a.eventMs - b.eventMs);
  const first = Math.floor(Math.min(...all.map(({ eventMs }) => eventMs)) / minuteMs) * minuteMs;
  const last = test.untilMs === undefined ? Math.max(...all.map(({ dueMs }) => dueMs)) + afterMs : test.dayMs + test.untilMs;
  const steps: Step[] = [];
  let at = 0;
  for (let nowMs = first; nowMs <= last; nowMs += minuteMs) {
    const from = at;
    while (at < all.length && all[at].dueMs <= nowMs) at += 1;
    steps.push({ frames: framesOf(all.slice(from, at), kindOf), nowMs, problems: [] });
  }
  return steps;
}

/** Of two rows of one source and time the later of the file counts; rows of event kinds are all their own. */
function rowsOf({ dayMs, rows }: RuleTest, kindOf: ReadonlyMap<string, Kind>): ReadonlyMap<string, Row> {
  const made = new Map<string, Row>();
  rows.forEach((block, b) => {
    for (const source of block.sources) {
      const kind = catalog[kindOf.get(source) as Kind];
      const everyMs = block.everyMs ?? kind.cadenceMs;
      for (let i = 0, ms = block.fromMs; ms <= block.toMs; i++, ms += everyMs) {
        const key = kind.event ? `${source} ${ms} ${b}` : `${source} ${ms}`;
        if (block.isMissing) made.delete(key);
        else made.set(key, rowOf(block, { key, source, kind, eventMs: dayMs + ms, everyMs, i }));
      }
    }
  });
  return made;
}

interface At {
  readonly key: string;
  readonly source: string;
  readonly kind: KindSpec;
  readonly eventMs: number;
  readonly everyMs: number;
  readonly i: number;
}

function rowOf(block: TestRows, { key, source, kind, eventMs, everyMs, i }: At): Row {
  const { fromMs, toMs, values, text, marks, lateMs, wobblePct } = block;
  const share = toMs === fromMs ? 0 : (i * everyMs) / (toMs + 1 - fromMs);
  const factor = kind.event ? 1 : 1 + (wobblePct / 100) * wobbles[i % wobbles.length];
  const exactly = (metric: string, value: TestValue) => {
    const still = typeof value === 'number' ? value : value[0] + share * (value[1] - value[0]);
    const max = kind.metrics.find(({ id }) => id === metric)?.max ?? still;
    return still > max ? still : Math.min(max, still * factor); // trembling alone leads out of no range
  };
  const periodMs = kind.event ? 0 : everyMs;
  return {
    key,
    source,
    eventMs,
    periodMs,
    dueMs: eventMs + periodMs + lateMs,
    values: Object.fromEntries(Object.entries(values).map(([metric, value]) => [metric, exactly(metric, value)])),
    text,
    marks,
  };
}

function framesOf(rows: readonly Row[], kindOf: ReadonlyMap<string, Kind>): readonly Frame[] {
  return kinds.flatMap((kind) => {
    const own = rows.filter(({ source }) => kindOf.get(source) === kind);
    const periods = [...new Set(own.map(({ periodMs }) => periodMs))].sort((a, b) => a - b);
    return periods.map((periodMs) =>
      frameOf(
        kind,
        periodMs,
        own.filter((row) => row.periodMs === periodMs),
      ),
    );
  });
}

function frameOf(kind: Kind, periodMs: number, rows: readonly Row[]): Frame {
  const { metrics, text, event } = catalog[kind];
  const sources = [...new Set(rows.map(({ source }) => source))];
  const hasMarks = rows.some(({ marks }) => Object.keys(marks).length > 0);
  return {
    kind,
    rows: rows.length,
    periodMs,
    sources,
    source: Uint32Array.from(rows, ({ source }) => sources.indexOf(source)),
    time: Float64Array.from(rows, ({ eventMs }) => eventMs),
    values: Object.fromEntries(metrics.map(({ id }) => [id, Float64Array.from(rows, ({ values }) => values[id] ?? Number.NaN)])),
    ...(hasMarks
      ? {
          marks: Object.fromEntries(
            metrics.map(({ id }) => [id, Uint8Array.from(rows, ({ marks }) => marks[id]?.charCodeAt(0) ?? 0)]),
          ),
        }
      : {}),
    ...(event
      ? {
          id: rows.map(({ key }) => key),
          text: Object.fromEntries(text.map((column) => [column, rows.map((row) => row.text[column] ?? '')])),
        }
      : {}),
  };
}
