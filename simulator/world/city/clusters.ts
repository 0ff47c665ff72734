// Where the industries are: how many enterprises of each in which township, and how many stacks are monitored there.

import { hengshuiDistricts } from '../../../engine/domain/geo.ts';
import { apportioned } from './draws.ts';
import type { IndustryCode } from './industries.ts';

/** Enterprises that emit to air (design section 2). */
export const enterpriseCount = 5013;

export interface Cluster {
  readonly industry: IndustryCode;
  readonly district: string;
  /** Absent: spread over the district. */
  readonly township?: string;
  readonly count: number;
  /** Monitored stacks among them. */
  readonly cems: number;
  readonly voc: number;
}

type Row = readonly [township: string, count: number, cems?: number, voc?: number];

// Which industry is where: domain report section 6 [S], the issue; how many: our estimate [P].
const rows: Readonly<Partial<Record<IndustryCode, readonly Row[]>>> = {
  'engineering-rubber': [
    ['131171400', 70, 3, 3],
    ['131171402', 40, 0, 1],
    ['131171201', 60, 0, 1],
    ['131102101', 60, 0, 1],
    ['131102102', 40, 1, 1],
    ['131102200', 60, 0, 1],
    ['131102100', 25],
    ['131172203', 20],
  ],
  // As many plants as it takes: no coal boiler goes without a monitor.
  heat: [
    ['131102001', 2, 4],
    ['131102002', 2, 4],
    ['131103100', 3, 5],
    ['131121100', 2, 3],
    ['131121102', 1, 2],
    ['131122100', 2, 4],
    ['131123100', 2, 3],
    ['131124100', 2, 3],
    ['131125100', 3, 5],
    ['131126100', 3, 5],
    ['131127100', 3, 5],
    ['131128100', 2, 4],
    ['131182101', 3, 6],
    ['131171400', 3, 5],
    ['131172203', 1, 2],
  ],
  power: [
    ['131102101', 2, 4],
    ['131171201', 1, 2],
  ],
  waste: [
    ['131102100', 1, 2],
    ['131127104', 1, 2],
    ['131125101', 1, 2],
    ['131121107', 1, 2],
    ['131182108', 1, 2],
    ['131126103', 1, 2],
  ],
  casting: [
    ['131103100', 90, 8],
    ['131103104', 50, 4],
    ['131103102', 40, 3],
    ['131103103', 25, 2],
    ['131103106', 15, 1],
    ['131121100', 12, 2],
    ['131127100', 14, 2],
    ['131182106', 10],
  ],
  frp: [
    ['131121100', 190, 0, 6],
    ['131121103', 65, 0, 2],
    ['131121105', 55, 0, 2],
    ['131121106', 40],
    ['131121101', 25],
    ['131103100', 55],
    ['131103106', 20],
  ],
  'wire-mesh': [
    ['131125100', 290],
    ['131125104', 90],
    ['131125200', 65],
    ['131125201', 60],
    ['131125102', 60],
    ['131125202', 50],
    ['131125103', 45],
    ['131125101', 30],
  ],
  galvanising: [
    ['131125100', 36, 5],
    ['131125104', 18, 3],
    ['131127100', 10],
  ],
  'rubber-hose': [
    ['131127101', 130, 0, 4],
    ['131127100', 75, 0, 2],
    ['131127102', 40, 0, 1],
    ['131127203', 40],
    ['131127205', 28],
    ['131127103', 27],
  ],
  'steel-tower': [
    ['131127100', 40, 3],
    ['131127106', 30, 2],
    ['131127108', 20, 1],
    ['131127104', 15],
  ],
  fur: [
    ['131121102', 190],
    ['131121108', 25],
    ['131121204', 25],
    ['131121202', 20],
    ['131126102', 10],
  ],
  leather: [
    ['131126100', 50, 0, 1],
    ['131126102', 40],
    ['131126104', 15],
  ],
  'auto-parts': [
    ['131126100', 50, 0, 1],
    ['131126101', 25, 0, 1],
    ['131182101', 60, 0, 1],
    ['131182109', 30],
    ['131182104', 20],
    ['131103100', 15],
    ['131122100', 10],
  ],
  furniture: [
    ['131122100', 70, 0, 2],
    ['131122101', 40, 0, 1],
    ['131122103', 30],
    ['131182101', 70, 0, 1],
    ['131182102', 30, 0, 1],
    ['131182107', 20],
    ['131102102', 30],
  ],
  safe: [
    ['131122100', 70],
    ['131122102', 40],
    ['131122105', 25],
    ['131122104', 20],
  ],
  instrument: [
    ['131123102', 40, 0, 1],
    ['131123100', 40],
    ['131123104', 15],
  ],
  polyester: [
    ['131124100', 30, 2, 1],
    ['131124101', 15, 1],
    ['131124106', 10],
  ],
  sealing: [
    ['131128100', 50],
    ['131128101', 25],
    ['131128104', 25],
    ['131128105', 20],
  ],
  chemical: [
    ['131171400', 50, 6, 4],
    ['131171201', 30, 4, 2],
    ['131182101', 25, 2, 2],
    ['131182106', 12, 2, 1],
    ['131103100', 20, 3, 1],
    ['131122100', 8, 1],
    ['131102101', 15],
    ['131128100', 8],
  ],
  brick: [
    ['131102100', 5, 2],
    ['131103105', 10, 3],
    ['131121108', 9, 3],
    ['131122106', 9, 3],
    ['131123103', 7, 2],
    ['131124103', 7, 2],
    ['131125103', 6, 2],
    ['131126107', 10, 4],
    ['131127105', 11, 4],
    ['131128103', 7, 2],
    ['131182103', 7, 3],
  ],
  cement: [
    ['131103104', 2, 2],
    ['131102101', 2, 2],
    ['131182106', 2, 1],
    ['131127104', 2, 1],
    ['131126101', 1, 1],
    ['131128102', 1, 1],
  ],
  food: [
    ['131102002', 6, 2],
    ['131182100', 20, 1],
    ['131124100', 20, 1],
    ['131126107', 10, 1],
    ['131127100', 10, 1],
  ],
  printing: [
    ['131102102', 25, 0, 1],
    ['131127106', 15, 0, 1],
    ['131128100', 15, 0, 1],
  ],
  plastics: [
    ['131127100', 25, 0, 1],
    ['131182101', 20, 0, 1],
  ],
  board: [['131122103', 10, 1]],
};

/** Weights of what there is in every district; together they fill up to `enterpriseCount`. */
const everywhere: Readonly<Partial<Record<IndustryCode, number>>> = {
  'auto-repair': 23,
  metal: 20,
  plastics: 14,
  concrete: 9,
  food: 9,
  printing: 7,
  building: 7,
  textile: 6,
  board: 4.5,
  feed: 4.5,
  asphalt: 3,
};

/** Share of each district, in the order of `hengshuiDistricts`: built-up area and industry, our estimate [P]. */
export const districtWeights: readonly number[] = [16, 9, 9, 6, 5, 5, 8, 9, 9, 6, 9, 6, 3];

function named(): Cluster[] {
  return (Object.entries(rows) as [IndustryCode, readonly Row[]][]).flatMap(([industry, list]) =>
    list.map(([township, count, cems = 0, voc = 0]) => ({
      industry,
      district: township.slice(0, 6),
      township,
      count,
      cems,
      voc,
    })),
  );
}

function spread(total: number): Cluster[] {
  const cells = (Object.entries(everywhere) as [IndustryCode, number][]).flatMap(([industry, weight]) =>
    hengshuiDistricts.map(({ code }, i) => ({ industry, district: code, weight: weight * districtWeights[i] })),
  );
  const counts = apportioned(
    total,
    cells.map(({ weight }) => weight),
  );
  return cells.map(({ industry, district }, i) => ({ industry, district, count: counts[i], cems: 0, voc: 0 }));
}

/** Together `enterpriseCount` enterprises. The first is the engineering rubber of the High-tech Zone. */
export const clusters: readonly Cluster[] = (() => {
  const first = named();
  return [...first, ...spread(enterpriseCount - first.reduce((sum, { count }) => sum + count, 0))];
})();
