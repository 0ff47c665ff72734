// Columns of a list of plans (减排清单): Chinese headers as offices write them, English ones, and what may stand in them.

import { type Level, levels } from '../../schema/register.ts';

export interface PlanColumn {
  readonly key: string;
  /** Headers; the first Chinese and the first English one are written, all are read. */
  readonly zh: readonly string[];
  readonly en: readonly string[];
  /** What may stand in it. */
  readonly allowed: string;
}

export const identityKeys = ['id', 'name', 'creditCode', 'permit'] as const;

/** In the order in which a list is written. No official set of columns is known [N]; these are from the report's proposal. */
const common: readonly PlanColumn[] = [
  { key: 'id', zh: ['企业编号', '企业ID'], en: ['id', 'enterprise'], allowed: "an enterprise's id in the register" },
  { key: 'name', zh: ['企业名称', '单位名称'], en: ['name'], allowed: 'its Chinese or English name, where only one has it' },
  {
    key: 'creditCode',
    zh: ['统一社会信用代码', '社会信用代码', '信用代码'],
    en: ['credit_code'],
    allowed: "18 letters and digits, with which the permit's number begins",
  },
  { key: 'permit', zh: ['排污许可证编号', '排污许可证号', '许可证编号'], en: ['permit'], allowed: "its permit's number" },
  {
    key: 'grade',
    zh: ['绩效分级', '绩效等级', '绩效级别'],
    en: ['grade'],
    allowed: 'A, B, B-, C, D, 引领性 (leading), 正面清单 (positive)',
  },
  {
    key: 'county',
    zh: ['县市区', '区县', '县区', '所属县区', '所属区县'],
    en: ['county', 'district'],
    allowed: 'code or name of its county, as in the register',
  },
  { key: 'lon', zh: ['经度'], en: ['lon', 'longitude'], allowed: 'within 5 km of its place in the register' },
  { key: 'lat', zh: ['纬度'], en: ['lat', 'latitude'], allowed: 'within 5 km of its place in the register' },
  { key: 'smallMicro', zh: ['小微企业', '是否小微', '小微'], en: ['small_micro'], allowed: '是, 否 (yes, no)' },
  {
    key: 'guarantee',
    zh: ['保障类', '保障类型', '是否保障类'],
    en: ['guarantee'],
    allowed: 'what it guarantees (供暖), or 否 (no)',
  },
  { key: 'maxLoad', zh: ['核定最大负荷', '核定负荷'], en: ['max_load_pct'], allowed: 'certified load, % (0 to 100)' },
  {
    key: 'process',
    zh: ['工序编号', '工序', '生产工序', '生产线'],
    en: ['process'],
    allowed: 'id or name of one of its processes; blank: all that emit',
  },
  { key: 'processName', zh: ['工序名称'], en: ['process_name'], allowed: "the process's name" },
  { key: 'emits', zh: ['涉气', '是否涉气', '涉气工序'], en: ['emits'], allowed: '是, 否 (yes, no)' },
];

const levelNames: Readonly<Record<Level, readonly [zh: string, roman: string]>> = {
  yellow: ['黄色', 'Ⅲ级'],
  orange: ['橙色', 'Ⅱ级'],
  red: ['红色', 'Ⅰ级'],
};

const ofLevel = (level: Level): readonly PlanColumn[] => {
  const [zh, roman] = levelNames[level];
  return [
    {
      key: `${level}Action`,
      zh: [`${zh}措施`, `${zh}预警措施`, `${zh}预警减排措施`, `${zh}预警`, `${roman}响应措施`],
      en: [`${level}_action`],
      allowed: '停产 (stop), 限产 (limit), 限产30% (limit by 30 %), 运输 (transport), 无 (none); several joined by +',
    },
    {
      key: `${level}Cut`,
      zh: [`${zh}限产比例`, `${zh}预警限产比例`, `${zh}减产比例`],
      en: [`${level}_cut_pct`],
      allowed: 'of a limit: how much of the usual production goes, % (0 to 100)',
    },
    {
      key: `${level}To`,
      zh: [`${zh}保留负荷`, `${zh}保留比例`, `${zh}预警保留负荷`],
      en: [`${level}_to_pct`],
      allowed: 'of a limit: how much of the usual production stays, % (0 to 100)',
    },
  ];
};

export const planColumns: readonly PlanColumn[] = [...common, ...levels.flatMap(ofLevel)];

/** Without blanks, brackets and per cent signs, however wide they are typed. */
function plain(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_*\-:%()"'.]/g, '');
}

const byHeader = new Map(planColumns.flatMap((column) => [...column.zh, ...column.en].map((name) => [plain(name), column.key])));

/** Undefined: a column that is not ours. */
export function columnKey(header: string): string | undefined {
  return byHeader.get(plain(header));
}

/** Letters of a column as Excel shows them, from 0: A. */
export function columnLetter(index: number): string {
  const rest = Math.floor(index / 26) - 1;
  return (rest >= 0 ? columnLetter(rest) : '') + String.fromCharCode(65 + (index % 26));
}

/** For `--help`. */
export function columnsHelp(): string {
  const lines = planColumns.map(({ zh, en, allowed }) => `  ${zh.join(' | ')} | ${en.join(' | ')}\n      ${allowed}`);
  return lines.join('\n');
}
