// The industries of Hengshui: their processes, what each gives off, how it is cleaned, what the permit allows.

import type { EnterpriseProcess, Permit } from '../../../engine/schema/register.ts';
import type { TreatmentId } from './treatments.ts';

/** Behind the treatment at full load, g/s: SO2, NOx, all particles, VOC. */
export type Gps = readonly [so2: number, nox: number, pm: number, voc: number];

export interface ProcessKind {
  readonly zh: string;
  readonly en: string;
  /** Median of ordinary plants; absent: nothing to air. */
  readonly gps?: Gps;
  /** Median where the stack is monitored (`cems` or `voc`); absent: never is. */
  readonly key?: Gps;
  /** Which monitor a monitored stack carries. */
  readonly monitor?: 'cems' | 'voc';
  readonly treatment?: TreatmentId;
  /** Rated power of an ordinary plant, median. */
  readonly kw: number;
  /** Absent: by the enterprise's shifts. */
  readonly shifts?: EnterpriseProcess['shifts'];
  /** Of the exhaust. */
  readonly tempC?: number;
  readonly o2RefPct?: number;
  /** No stack: it leaves the yard or the hall. */
  readonly fugitive?: boolean;
  /** Share of the plants that have it. */
  readonly share?: number;
}

export interface Industry {
  readonly zh: string;
  readonly en: string;
  /** What stands in the enterprises' names, Chinese and English. */
  readonly products: readonly (readonly [zh: string, en: string])[];
  /** The first is the main one: it carries the monitor and the sub-meters. */
  readonly processes: readonly ProcessKind[];
  readonly limits: Permit['limits'];
  /** Share of PM2.5 in the particles that leave the treatment, our estimate [P]. */
  readonly pm25Share: number;
  /** How often, against others, such a plant has sub-meters. */
  readonly metered: number;
  /** How often it stands on the positive list, against others. */
  readonly positive: number;
  readonly guarantee?: string;
  /** Runs from 15 November to 15 March only [M]. */
  readonly season?: 'heating';
}

/** Nothing to air. */
const quiet = (zh: string, en: string, kw: number, share?: number): ProcessKind => ({ zh, en, kw, share });

const gasBoiler = (share: number): ProcessKind => ({
  zh: '燃气锅炉',
  en: 'Gas boiler',
  gps: [0.0006, 0.015, 0.0012, 0],
  treatment: 'lowNox',
  kw: 22,
  tempC: 95,
  o2RefPct: 3.5,
  share,
});
const welding = (share?: number): ProcessKind => ({
  zh: '焊接',
  en: 'Welding',
  gps: [0, 0, 0.005, 0],
  treatment: 'weldingFilter',
  kw: 55,
  share,
});
const powderCoating: ProcessKind = {
  zh: '喷塑固化',
  en: 'Powder coating',
  gps: [0.0004, 0.008, 0.004, 0.01],
  treatment: 'bagAndCarbon',
  kw: 45,
  tempC: 60,
};
const painting = (zh: string, en: string, share?: number): ProcessKind => ({
  zh,
  en,
  gps: [0, 0, 0.003, 0.026],
  key: [0, 0, 0.03, 0.25],
  monitor: 'voc',
  treatment: 'paintBooth',
  kw: 50,
  tempC: 30,
  share,
});
const mixing: ProcessKind = {
  zh: '密炼',
  en: 'Rubber mixing',
  gps: [0, 0, 0.007, 0.006],
  key: [0, 0, 0.1, 0.04],
  monitor: 'cems',
  treatment: 'fanAndBaghouse',
  kw: 220,
  tempC: 40,
};
const vulcanising: ProcessKind = {
  zh: '硫化',
  en: 'Vulcanising',
  gps: [0, 0, 0.001, 0.018],
  key: [0, 0, 0.02, 0.25],
  monitor: 'voc',
  treatment: 'catalytic',
  kw: 90,
  tempC: 45,
};
const galvanising: ProcessKind = {
  zh: '热镀锌',
  en: 'Hot-dip galvanising',
  gps: [0.003, 0.02, 0.009, 0],
  key: [0.3, 0.55, 0.2, 0],
  monitor: 'cems',
  treatment: 'zincFume',
  kw: 120,
  tempC: 60,
  shifts: 'continuous',
};

// Emissions: simulation guide 2.6 (monitored stacks about PM2.5 .15, SO2 .55, NOx .9 g/s, VOC outlets .25 g/s, small plants PM .006,
// NOx .015, VOC .02 g/s), split among processes by us [P]. Limits: GB 39726 castings, GB 27632 rubber, GB 29620 bricks, Hebei's local
// standards for boilers, waste incineration, VOC 60 to 80, all from memory and rounded [M].
export const industries = {
  heat: {
    zh: '集中供热',
    en: 'Central heating',
    products: [
      ['供热', 'Heating'],
      ['热力', 'Heat Supply'],
    ],
    processes: [
      {
        zh: '燃煤锅炉',
        en: 'Coal-fired boiler',
        gps: [0.012, 0.04, 0.006, 0],
        key: [0.7, 1.1, 0.24, 0],
        monitor: 'cems',
        treatment: 'ultraLow',
        kw: 240,
        shifts: 'continuous',
        tempC: 52,
        o2RefPct: 9,
      },
      { zh: '输煤上煤', en: 'Coal handling', gps: [0, 0, 0.012, 0], treatment: 'baghouse', kw: 45 },
      quiet('热网循环泵', 'Network pumps', 160),
    ],
    limits: { pm: 10, so2: 35, nox: 50 },
    pm25Share: 0.7,
    metered: 1,
    positive: 0,
    guarantee: '民生供热',
    season: 'heating',
  },
  power: {
    zh: '热电联产',
    en: 'Heat and power',
    products: [['热电', 'Heat and Power']],
    processes: [
      {
        zh: '发电锅炉',
        en: 'Power boiler',
        gps: [0.4, 0.8, 0.15, 0],
        key: [1.6, 2.6, 0.5, 0],
        monitor: 'cems',
        treatment: 'ultraLow',
        kw: 900,
        shifts: 'continuous',
        tempC: 50,
        o2RefPct: 6,
      },
      { zh: '输煤破碎', en: 'Coal crushing', gps: [0, 0, 0.03, 0], treatment: 'baghouse', kw: 160, shifts: 'continuous' },
      quiet('汽轮发电机组', 'Turbine set', 400),
    ],
    limits: { pm: 10, so2: 35, nox: 50 },
    pm25Share: 0.75,
    metered: 1,
    positive: 0,
    guarantee: '热电联产供热',
  },
  waste: {
    zh: '生活垃圾焚烧发电',
    en: 'Waste incineration',
    products: [['环保能源', 'Environmental Energy']],
    processes: [
      {
        zh: '垃圾焚烧线',
        en: 'Incineration line',
        gps: [0.1, 0.5, 0.04, 0],
        key: [0.35, 1.5, 0.16, 0],
        monitor: 'cems',
        treatment: 'wasteLine',
        kw: 260,
        shifts: 'continuous',
        tempC: 145,
        o2RefPct: 11,
      },
      { zh: '飞灰稳定化', en: 'Fly ash handling', gps: [0, 0, 0.006, 0], treatment: 'baghouse', kw: 30 },
      quiet('汽轮发电机组', 'Turbine set', 200),
    ],
    limits: { pm: 8, so2: 20, nox: 120 },
    pm25Share: 0.75,
    metered: 1,
    positive: 0,
    guarantee: '生活垃圾处置',
  },
  casting: {
    zh: '铸造',
    en: 'Castings',
    products: [
      ['暖气片', 'Radiator'],
      ['采暖铸造', 'Heating Castings'],
      ['散热器', 'Radiator'],
      ['精密铸造', 'Precision Castings'],
      ['铸造', 'Foundry'],
    ],
    processes: [
      {
        zh: '熔炼',
        en: 'Melting',
        gps: [0.002, 0.008, 0.009, 0],
        key: [0.4, 0.7, 0.28, 0],
        monitor: 'cems',
        treatment: 'cupola',
        kw: 480,
        shifts: 'two',
        tempC: 75,
      },
      { zh: '造型落砂', en: 'Moulding and shake-out', gps: [0, 0, 0.007, 0.005], treatment: 'baghouse', kw: 75 },
      { zh: '抛丸', en: 'Shot blasting', gps: [0, 0, 0.004, 0], treatment: 'baghouse', kw: 45, share: 0.6 },
      { ...powderCoating, share: 0.4 },
      quiet('机加工', 'Machining', 60),
      quiet('组对试压', 'Assembly and pressure test', 22, 0.6),
    ],
    limits: { pm: 20, so2: 100, nox: 150, nmhc: 60 },
    pm25Share: 0.5,
    metered: 3,
    positive: 0.2,
  },
  frp: {
    zh: '玻璃钢复合材料',
    en: 'Fibre-reinforced plastics',
    products: [
      ['玻璃钢', 'FRP'],
      ['复合材料', 'Composites'],
      ['冷却塔', 'Cooling Tower'],
      ['玻璃钢管道', 'FRP Pipe'],
    ],
    processes: [
      {
        zh: '缠绕糊制',
        en: 'Winding and lay-up',
        gps: [0, 0, 0.001, 0.024],
        key: [0, 0, 0.02, 0.25],
        monitor: 'voc',
        treatment: 'photoCarbon',
        kw: 45,
        tempC: 28,
      },
      { zh: '固化', en: 'Curing', gps: [0, 0, 0, 0.008], treatment: 'carbon', kw: 30, tempC: 35, share: 0.35 },
      { zh: '切割打磨', en: 'Cutting and grinding', gps: [0, 0, 0.006, 0], treatment: 'cartridge', kw: 30, share: 0.6 },
      quiet('模具组装', 'Moulds and assembly', 15),
      quiet('修整包装', 'Packing', 8, 0.5),
    ],
    limits: { pm: 20, nmhc: 60 },
    pm25Share: 0.4,
    metered: 2,
    positive: 0.4,
  },
  'wire-mesh': {
    zh: '丝网',
    en: 'Wire mesh',
    products: [
      ['丝网', 'Wire Mesh'],
      ['金属丝网', 'Metal Wire Mesh'],
      ['护栏网', 'Fence'],
      ['筛网', 'Screen'],
      ['石笼网', 'Gabion'],
      ['不锈钢网', 'Stainless Mesh'],
    ],
    processes: [
      { zh: '拔丝', en: 'Wire drawing', gps: [0, 0, 0.0045, 0], treatment: 'cartridge', kw: 90 },
      { zh: '退火', en: 'Annealing', gps: [0.0008, 0.014, 0.001, 0], treatment: 'lowNox', kw: 40, tempC: 120, share: 0.35 },
      {
        zh: '浸塑喷塑',
        en: 'Plastic coating',
        gps: [0.0004, 0.005, 0.003, 0.017],
        treatment: 'bagAndCarbon',
        kw: 40,
        tempC: 50,
        share: 0.35,
      },
      welding(0.25),
      quiet('织网', 'Weaving', 37),
      quiet('裁剪包装', 'Cutting and packing', 11, 0.5),
    ],
    limits: { pm: 20, so2: 50, nox: 150, nmhc: 60 },
    pm25Share: 0.5,
    metered: 1.3,
    positive: 0.5,
  },
  galvanising: {
    zh: '热镀锌',
    en: 'Galvanising',
    products: [
      ['镀锌', 'Galvanising'],
      ['金属制品', 'Metal Products'],
      ['镀锌丝', 'Galvanised Wire'],
    ],
    processes: [
      galvanising,
      { zh: '加热炉', en: 'Heating furnace', gps: [0.001, 0.018, 0.001, 0], treatment: 'lowNox', kw: 30, tempC: 130, share: 0.5 },
      quiet('酸洗水洗', 'Pickling and rinsing', 37),
      quiet('收线包装', 'Coiling and packing', 22),
    ],
    limits: { pm: 20, so2: 50, nox: 100 },
    pm25Share: 0.7,
    metered: 4,
    positive: 0,
  },
  'engineering-rubber': {
    zh: '工程橡胶',
    en: 'Engineering rubber',
    products: [
      ['橡胶', 'Rubber'],
      ['工程橡胶', 'Engineering Rubber'],
      ['桥梁支座', 'Bridge Bearing'],
      ['橡塑制品', 'Rubber and Plastics'],
      ['路桥配件', 'Road and Bridge Parts'],
    ],
    processes: [
      mixing,
      vulcanising,
      { zh: '钢件喷砂', en: 'Sand blasting', gps: [0, 0, 0.005, 0], treatment: 'baghouse', kw: 37, share: 0.4 },
      gasBoiler(0.35),
      quiet('成型组装', 'Assembly', 30),
      quiet('检验包装', 'Testing and packing', 11, 0.5),
    ],
    limits: { pm: 12, so2: 10, nox: 50, nmhc: 10 },
    pm25Share: 0.6,
    metered: 3,
    positive: 0.2,
  },
  'rubber-hose': {
    zh: '橡塑胶管',
    en: 'Rubber and plastic hoses',
    products: [
      ['胶管', 'Hose'],
      ['橡塑制品', 'Rubber and Plastics'],
      ['液压胶管', 'Hydraulic Hose'],
      ['橡塑', 'Rubber and Plastics'],
    ],
    processes: [
      vulcanising,
      { ...mixing, share: 0.55 },
      { zh: '挤出', en: 'Extrusion', gps: [0, 0, 0.0005, 0.006], treatment: 'carbon', kw: 75, tempC: 40, share: 0.5 },
      gasBoiler(0.3),
      quiet('钢丝编织缠绕', 'Wire braiding', 45),
      quiet('扣压包装', 'Crimping and packing', 15, 0.5),
    ],
    limits: { pm: 12, so2: 10, nox: 50, nmhc: 10 },
    pm25Share: 0.6,
    metered: 2.2,
    positive: 0.2,
  },
  'steel-tower': {
    zh: '铁塔钢构',
    en: 'Steel towers',
    products: [
      ['铁塔', 'Steel Tower'],
      ['通讯铁塔', 'Telecom Tower'],
      ['钢结构', 'Steel Structure'],
      ['电力器材', 'Power Equipment'],
    ],
    processes: [
      galvanising,
      welding(),
      { zh: '下料切割', en: 'Plasma cutting', gps: [0, 0, 0.004, 0], treatment: 'cartridge', kw: 75, share: 0.6 },
      quiet('冲孔制弯', 'Punching and bending', 75),
      quiet('试组装', 'Trial assembly', 15, 0.6),
    ],
    limits: { pm: 20, so2: 50, nox: 100 },
    pm25Share: 0.6,
    metered: 3,
    positive: 0.1,
  },
  fur: {
    zh: '毛皮鞣制加工',
    en: 'Fur',
    products: [
      ['皮草', 'Fur'],
      ['裘革', 'Fur and Leather'],
      ['毛皮制品', 'Fur Products'],
      ['皮毛', 'Fur'],
    ],
    processes: [
      { zh: '脱脂整理', en: 'Degreasing and finishing', gps: [0, 0, 0.001, 0.015], treatment: 'carbon', kw: 30, tempC: 35 },
      { zh: '剪绒除尘', en: 'Shearing', gps: [0, 0, 0.003, 0], treatment: 'baghouse', kw: 15, share: 0.6 },
      gasBoiler(0.3),
      quiet('鞣制', 'Tanning', 30),
      quiet('裁剪缝制', 'Sewing', 8),
    ],
    limits: { pm: 20, so2: 10, nox: 50, nmhc: 60 },
    pm25Share: 0.4,
    metered: 1,
    positive: 1.5,
  },
  leather: {
    zh: '制革',
    en: 'Leather',
    products: [
      ['皮革', 'Leather'],
      ['制革', 'Tannery'],
      ['皮业', 'Leather'],
    ],
    processes: [
      {
        zh: '涂饰',
        en: 'Spray finishing',
        gps: [0, 0, 0.002, 0.024],
        key: [0, 0, 0.03, 0.25],
        monitor: 'voc',
        treatment: 'paintBooth',
        kw: 37,
        tempC: 35,
      },
      gasBoiler(0.5),
      { zh: '磨革', en: 'Buffing', gps: [0, 0, 0.004, 0], treatment: 'baghouse', kw: 22, share: 0.5 },
      quiet('鞣制复鞣', 'Tanning', 45),
      quiet('量革包装', 'Measuring and packing', 8),
    ],
    limits: { pm: 20, so2: 10, nox: 50, nmhc: 60 },
    pm25Share: 0.4,
    metered: 2,
    positive: 0.3,
  },
  'auto-parts': {
    zh: '汽车零部件',
    en: 'Auto parts',
    products: [
      ['汽车配件', 'Auto Parts'],
      ['汽车零部件', 'Automotive Components'],
      ['车辆部件', 'Vehicle Parts'],
      ['滤清器', 'Filter'],
    ],
    processes: [painting('涂装', 'Painting line'), welding(0.7), quiet('冲压', 'Stamping', 110), quiet('总装', 'Assembly', 30)],
    limits: { pm: 20, nmhc: 50 },
    pm25Share: 0.5,
    metered: 2,
    positive: 0.6,
  },
  furniture: {
    zh: '家具制造',
    en: 'Furniture',
    products: [
      ['家具', 'Furniture'],
      ['木业', 'Woodwork'],
      ['办公家具', 'Office Furniture'],
      ['橡木家具', 'Oak Furniture'],
    ],
    processes: [
      painting('喷漆', 'Lacquering'),
      { zh: '木工打磨', en: 'Woodworking and sanding', gps: [0, 0, 0.007, 0], treatment: 'cyclone', kw: 55 },
      quiet('组装', 'Assembly', 15),
      quiet('包装', 'Packing', 5, 0.5),
    ],
    limits: { pm: 20, nmhc: 50 },
    pm25Share: 0.35,
    metered: 1.3,
    positive: 0.6,
  },
  safe: {
    zh: '保险柜金属家具',
    en: 'Safes and metal furniture',
    products: [
      ['保险柜', 'Safe'],
      ['柜业', 'Cabinet'],
      ['金属家具', 'Metal Furniture'],
      ['金库门', 'Vault Door'],
    ],
    processes: [{ ...powderCoating }, welding(), quiet('钣金', 'Sheet metal', 75), quiet('装配', 'Assembly', 15)],
    limits: { pm: 20, so2: 50, nox: 100, nmhc: 50 },
    pm25Share: 0.5,
    metered: 1.3,
    positive: 0.6,
  },
  instrument: {
    zh: '乐器制造',
    en: 'Musical instruments',
    products: [
      ['乐器', 'Musical Instruments'],
      ['管乐', 'Wind Instruments'],
      ['提琴', 'Violin'],
    ],
    processes: [
      painting('喷漆', 'Lacquering'),
      { zh: '抛光打磨', en: 'Polishing', gps: [0, 0, 0.004, 0], treatment: 'cartridge', kw: 22, share: 0.8 },
      quiet('焊键装配', 'Assembly', 15),
      quiet('调音包装', 'Tuning and packing', 5),
    ],
    limits: { pm: 20, nmhc: 50 },
    pm25Share: 0.4,
    metered: 1.3,
    positive: 0.8,
  },
  polyester: {
    zh: '聚酯化纤',
    en: 'Polyester',
    products: [
      ['聚酯', 'Polyester'],
      ['化纤', 'Chemical Fibre'],
      ['涤纶', 'Polyester Fibre'],
    ],
    processes: [
      {
        zh: '导热油炉',
        en: 'Thermal oil heater',
        gps: [0.001, 0.025, 0.002, 0],
        key: [0.25, 1.0, 0.16, 0],
        monitor: 'cems',
        treatment: 'lowNox',
        kw: 75,
        shifts: 'continuous',
        tempC: 120,
        o2RefPct: 3.5,
      },
      {
        zh: '聚合纺丝',
        en: 'Polymerisation and spinning',
        gps: [0, 0, 0.002, 0.024],
        key: [0, 0, 0.02, 0.25],
        monitor: 'voc',
        treatment: 'carbon',
        kw: 260,
        shifts: 'continuous',
        tempC: 50,
      },
      quiet('牵伸卷绕', 'Drawing and winding', 160),
      quiet('打包', 'Baling', 15),
    ],
    limits: { pm: 10, so2: 20, nox: 50, nmhc: 60 },
    pm25Share: 0.7,
    metered: 4,
    positive: 0.2,
  },
  sealing: {
    zh: '密封石墨材料',
    en: 'Seals and graphite',
    products: [
      ['密封件', 'Seals'],
      ['密封材料', 'Sealing Materials'],
      ['石墨制品', 'Graphite Products'],
      ['盘根', 'Packing'],
    ],
    processes: [
      { zh: '混料压延', en: 'Blending and rolling', gps: [0, 0, 0.007, 0.003], treatment: 'fanAndBaghouse', kw: 55 },
      { zh: '模压硫化', en: 'Moulding', gps: [0, 0, 0.001, 0.014], treatment: 'carbon', kw: 45, tempC: 45, share: 0.7 },
      quiet('编织裁切', 'Braiding and cutting', 18),
      quiet('包装', 'Packing', 4, 0.5),
    ],
    limits: { pm: 20, nmhc: 40 },
    pm25Share: 0.5,
    metered: 1.5,
    positive: 0.5,
  },
  chemical: {
    zh: '化工',
    en: 'Chemicals',
    products: [
      ['化工', 'Chemical'],
      ['精细化工', 'Fine Chemicals'],
      ['生物科技', 'Biotech'],
      ['新材料', 'New Materials'],
      ['助剂', 'Additives'],
      ['药业', 'Pharmaceutical'],
    ],
    processes: [
      {
        zh: '反应合成',
        en: 'Reaction',
        gps: [0, 0, 0.001, 0.028],
        key: [0, 0, 0.02, 0.25],
        monitor: 'voc',
        treatment: 'rto',
        kw: 220,
        shifts: 'continuous',
        tempC: 85,
      },
      {
        zh: '工艺锅炉',
        en: 'Process boiler',
        gps: [0.002, 0.025, 0.002, 0],
        key: [0.5, 0.9, 0.2, 0],
        monitor: 'cems',
        treatment: 'ultraLow',
        kw: 75,
        shifts: 'continuous',
        tempC: 55,
        o2RefPct: 9,
      },
      { zh: '干燥粉碎', en: 'Drying and milling', gps: [0, 0, 0.006, 0], treatment: 'baghouse', kw: 75, tempC: 60, share: 0.5 },
      { zh: '储罐区', en: 'Tank farm', gps: [0, 0, 0, 0.006], kw: 15, fugitive: true, shifts: 'continuous', share: 0.5 },
      quiet('灌装', 'Filling', 15),
      quiet('循环水站', 'Cooling water', 75),
    ],
    limits: { pm: 10, so2: 35, nox: 50, nmhc: 60 },
    pm25Share: 0.6,
    metered: 5,
    positive: 0.2,
  },
  brick: {
    zh: '砖瓦',
    en: 'Bricks and tiles',
    products: [
      ['新型建材', 'Building Materials'],
      ['煤矸石砖', 'Brick'],
      ['烧结砖', 'Fired Brick'],
    ],
    processes: [
      {
        zh: '隧道窑焙烧',
        en: 'Tunnel kiln',
        gps: [0.02, 0.03, 0.012, 0],
        key: [0.8, 1.0, 0.28, 0],
        monitor: 'cems',
        treatment: 'kiln',
        kw: 160,
        shifts: 'continuous',
        tempC: 55,
        o2RefPct: 18,
      },
      { zh: '破碎配料', en: 'Crushing and blending', gps: [0, 0, 0.012, 0], treatment: 'baghouse', kw: 110 },
      quiet('制坯码垛', 'Shaping and stacking', 130),
    ],
    limits: { pm: 20, so2: 100, nox: 100 },
    pm25Share: 0.55,
    metered: 4,
    positive: 0,
  },
  concrete: {
    zh: '商品混凝土',
    en: 'Ready-mixed concrete',
    products: [
      ['混凝土', 'Concrete'],
      ['商砼', 'Ready-Mix'],
      ['预拌混凝土', 'Ready-Mixed Concrete'],
    ],
    processes: [
      { zh: '搅拌', en: 'Mixing', gps: [0, 0, 0.01, 0], treatment: 'baghouse', kw: 130 },
      { zh: '料仓装卸', en: 'Aggregate handling', gps: [0, 0, 0.006, 0], kw: 30, fugitive: true },
      quiet('车辆调度清洗', 'Truck dispatch and washing', 15),
    ],
    limits: { pm: 10 },
    pm25Share: 0.25,
    metered: 3,
    positive: 0.2,
  },
  cement: {
    zh: '水泥粉磨',
    en: 'Cement grinding',
    products: [['水泥', 'Cement']],
    processes: [
      {
        zh: '粉磨',
        en: 'Grinding mill',
        gps: [0.002, 0.01, 0.03, 0],
        key: [0.12, 0.3, 0.3, 0],
        monitor: 'cems',
        treatment: 'baghouse',
        kw: 900,
        shifts: 'three',
        tempC: 80,
      },
      { zh: '水泥包装', en: 'Bagging', gps: [0, 0, 0.012, 0], treatment: 'baghouse', kw: 45 },
      { zh: '熟料堆棚', en: 'Clinker store', gps: [0, 0, 0.01, 0], kw: 30, fugitive: true },
      quiet('水泥储库', 'Silos', 45),
    ],
    limits: { pm: 10, so2: 50, nox: 100 },
    pm25Share: 0.4,
    metered: 5,
    positive: 0,
  },
  printing: {
    zh: '包装印刷',
    en: 'Printing',
    products: [
      ['印刷', 'Printing'],
      ['包装', 'Packaging'],
      ['彩印', 'Colour Printing'],
      ['塑料包装', 'Plastic Packaging'],
    ],
    processes: [
      {
        zh: '印刷',
        en: 'Printing',
        gps: [0, 0, 0, 0.02],
        key: [0, 0, 0, 0.25],
        monitor: 'voc',
        treatment: 'carbon',
        kw: 45,
        tempC: 35,
      },
      { zh: '复合', en: 'Laminating', gps: [0, 0, 0, 0.012], treatment: 'catalytic', kw: 30, tempC: 45, share: 0.4 },
      quiet('制版裁切', 'Plates and cutting', 15),
      quiet('包装入库', 'Packing', 4, 0.5),
    ],
    limits: { nmhc: 50 },
    pm25Share: 0.6,
    metered: 1.5,
    positive: 2.5,
  },
  food: {
    zh: '食品酿造',
    en: 'Food and liquor',
    products: [
      ['食品', 'Food'],
      ['酒业', 'Liquor'],
      ['粮油', 'Grain and Oil'],
      ['乳业', 'Dairy'],
      ['调味品', 'Condiments'],
    ],
    processes: [
      {
        zh: '蒸汽锅炉',
        en: 'Steam boiler',
        gps: [0.0008, 0.017, 0.0014, 0],
        key: [0.35, 0.7, 0.16, 0],
        monitor: 'cems',
        treatment: 'lowNox',
        kw: 37,
        tempC: 95,
        o2RefPct: 3.5,
      },
      {
        zh: '烘焙油炸',
        en: 'Baking and frying',
        gps: [0, 0, 0.002, 0.003],
        treatment: 'oilFume',
        kw: 45,
        tempC: 60,
        share: 0.35,
      },
      quiet('清洗配料', 'Washing and mixing', 37),
      quiet('灌装包装', 'Filling and packing', 30),
    ],
    limits: { pm: 10, so2: 35, nox: 50, nmhc: 40 },
    pm25Share: 0.7,
    metered: 1,
    positive: 5,
  },
  feed: {
    zh: '饲料',
    en: 'Animal feed',
    products: [
      ['饲料', 'Feed'],
      ['牧业饲料', 'Animal Feed'],
    ],
    processes: [
      { zh: '粉碎投料', en: 'Grinding', gps: [0, 0, 0.006, 0], treatment: 'baghouse', kw: 110 },
      { zh: '制粒冷却', en: 'Pelleting', gps: [0, 0, 0.003, 0.001], treatment: 'cyclone', kw: 110, tempC: 40, share: 0.7 },
      gasBoiler(0.4),
      quiet('打包', 'Bagging', 8),
    ],
    limits: { pm: 20, so2: 10, nox: 50, nmhc: 60 },
    pm25Share: 0.3,
    metered: 1,
    positive: 4,
  },
  asphalt: {
    zh: '沥青拌合',
    en: 'Asphalt mixing',
    products: [
      ['沥青', 'Asphalt'],
      ['路面材料', 'Paving Materials'],
    ],
    processes: [
      {
        zh: '烘干拌合',
        en: 'Drying and mixing',
        gps: [0.008, 0.03, 0.012, 0.008],
        treatment: 'bagAndCarbon',
        kw: 320,
        tempC: 90,
      },
      { zh: '沥青储罐', en: 'Bitumen tanks', gps: [0, 0, 0, 0.004], kw: 22, fugitive: true },
      quiet('上料输送', 'Cold feed', 75),
    ],
    limits: { pm: 20, so2: 100, nox: 150, nmhc: 60 },
    pm25Share: 0.4,
    metered: 3,
    positive: 0,
  },
  metal: {
    zh: '金属制品',
    en: 'Metal products',
    products: [
      ['机械', 'Machinery'],
      ['金属制品', 'Metal Products'],
      ['五金', 'Hardware'],
      ['机电设备', 'Electromechanical'],
      ['农机', 'Farm Machinery'],
    ],
    processes: [
      welding(),
      { ...painting('喷漆', 'Spray painting', 0.5), key: undefined, monitor: undefined },
      quiet('机加工', 'Machining', 75),
      quiet('装配', 'Assembly', 18, 0.5),
    ],
    limits: { pm: 20, nmhc: 60 },
    pm25Share: 0.6,
    metered: 1,
    positive: 1,
  },
  plastics: {
    zh: '塑料制品',
    en: 'Plastics',
    products: [
      ['塑料制品', 'Plastics'],
      ['塑业', 'Plastics'],
      ['管材', 'Pipe'],
      ['塑胶', 'Plastics'],
    ],
    processes: [
      {
        zh: '挤出注塑',
        en: 'Extrusion and moulding',
        gps: [0, 0, 0.001, 0.016],
        key: [0, 0, 0.02, 0.25],
        monitor: 'voc',
        treatment: 'photoCarbon',
        kw: 130,
        tempC: 35,
      },
      { zh: '破碎', en: 'Shredding', gps: [0, 0, 0.003, 0], treatment: 'cartridge', kw: 30, share: 0.4 },
      quiet('裁切包装', 'Cutting and packing', 11),
    ],
    limits: { pm: 20, nmhc: 60 },
    pm25Share: 0.5,
    metered: 1.2,
    positive: 0.8,
  },
  building: {
    zh: '建材石材',
    en: 'Building materials',
    products: [
      ['建材', 'Building Materials'],
      ['石材', 'Stone'],
      ['水泥制品', 'Cement Products'],
      ['保温材料', 'Insulation'],
      ['干混砂浆', 'Dry Mortar'],
    ],
    processes: [
      { zh: '破碎筛分', en: 'Crushing and screening', gps: [0, 0, 0.01, 0], treatment: 'baghouse', kw: 110 },
      { zh: '物料堆场', en: 'Stockyard', gps: [0, 0, 0.005, 0], kw: 15, fugitive: true, share: 0.4 },
      gasBoiler(0.25),
      quiet('成型养护', 'Moulding and curing', 45),
    ],
    limits: { pm: 20, so2: 10, nox: 50 },
    pm25Share: 0.25,
    metered: 1.5,
    positive: 0.3,
  },
  textile: {
    zh: '纺织印染',
    en: 'Textiles',
    products: [
      ['纺织', 'Textile'],
      ['印染', 'Dyeing'],
      ['毛纺', 'Wool Spinning'],
      ['地毯', 'Carpet'],
    ],
    processes: [
      {
        zh: '定型烘干',
        en: 'Heat setting',
        gps: [0.0004, 0.007, 0.003, 0.01],
        treatment: 'oilFume',
        kw: 130,
        tempC: 70,
      },
      gasBoiler(0.4),
      quiet('织造', 'Weaving', 110),
      quiet('检验打包', 'Inspection and baling', 8, 0.5),
    ],
    limits: { pm: 15, so2: 20, nox: 50, nmhc: 40 },
    pm25Share: 0.6,
    metered: 1.2,
    positive: 1,
  },
  board: {
    zh: '人造板木制品',
    en: 'Wood-based panels',
    products: [
      ['板材', 'Panel'],
      ['木制品', 'Wood Products'],
      ['门业', 'Doors'],
    ],
    processes: [
      {
        zh: '生物质锅炉',
        en: 'Biomass boiler',
        gps: [0.005, 0.022, 0.004, 0],
        key: [0.35, 0.8, 0.2, 0],
        monitor: 'cems',
        treatment: 'cyclone',
        kw: 37,
        tempC: 90,
        o2RefPct: 9,
      },
      { zh: '热压', en: 'Hot pressing', gps: [0, 0, 0.001, 0.01], treatment: 'carbon', kw: 75, tempC: 45, share: 0.7 },
      { zh: '锯切砂光', en: 'Sawing and sanding', gps: [0, 0, 0.007, 0], treatment: 'cyclone', kw: 75, share: 0.7 },
      quiet('拼装', 'Assembly', 15),
    ],
    limits: { pm: 20, so2: 35, nox: 100, nmhc: 60 },
    pm25Share: 0.5,
    metered: 1.5,
    positive: 0.3,
  },
  'auto-repair': {
    zh: '汽车维修喷漆',
    en: 'Auto repair',
    products: [
      ['汽车维修', 'Auto Repair'],
      ['汽车服务', 'Auto Service'],
      ['汽修', 'Car Repair'],
    ],
    processes: [
      {
        zh: '喷烤漆房',
        en: 'Spray booth',
        gps: [0, 0, 0.0008, 0.008],
        treatment: 'photoCarbon',
        kw: 15,
        tempC: 30,
        shifts: 'day',
      },
      quiet('钣金机修', 'Body and engine work', 11),
    ],
    limits: { pm: 20, nmhc: 60 },
    pm25Share: 0.6,
    metered: 0.05,
    positive: 1,
  },
} as const satisfies Readonly<Record<string, Industry>>;

export type IndustryCode = keyof typeof industries;

/** By `Enterprise.industry`; undefined for a code of another city's register. */
export function industryOf(code: string): Industry | undefined {
  return Object.hasOwn(industries, code) ? industries[code as IndustryCode] : undefined;
}

/** Hours a day that a process runs, by its shifts, and the share of full load then: what inventories count with [P]. */
export const usualHours: Readonly<Record<EnterpriseProcess['shifts'], number>> = { continuous: 24, three: 22, two: 15, day: 8 };
export const usualLoad = 0.75;
