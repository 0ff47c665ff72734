// What stands in the cells of a list of plans: grades, yes and no, per cents, measures as offices write them.

import { type Grade, grades } from '../../schema/register.ts';

/** Full-width letters and signs are the same as narrow ones. */
export const plainCell = (text: string): string => text.normalize('NFKC').trim();

const gradeNames: Readonly<Record<string, Grade>> = {
  引领性: 'leading',
  引领: 'leading',
  引领性企业: 'leading',
  绩效引领性: 'leading',
  正面清单: 'positive',
  白名单: 'positive',
};

export function gradeOf(text: string): Grade | undefined {
  const name = plainCell(text).replace(/级$/, '').replace(/[−–]$/, '-');
  return gradeNames[name] ?? grades.find((grade) => grade.toLowerCase() === name.toLowerCase());
}

const yes = ['是', '有', 'y', 'yes', 'true', '1', '√', '涉气'];
const no = ['否', '无', '不', 'n', 'no', 'false', '0', '×', 'x', '不涉气', '非涉气'];

export function truthOf(text: string): boolean | undefined {
  const word = plainCell(text).toLowerCase();
  return yes.includes(word) ? true : no.includes(word) ? false : undefined;
}

/** `30`, `30%`, `30 %`; undefined: anything else, also a share like 0.3, which could mean 30 % or 0.3 %. */
export function percentOf(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%?)$/.exec(plainCell(text));
  if (match === null) return undefined;
  const value = Number(match[1]);
  return value > 100 || (value > 0 && value < 1 && match[2] === '') ? undefined : value;
}

/** What one cell asks for; a limit may bring its share along. */
export interface AskedMeasures {
  readonly load?: 'stop' | 'limit';
  readonly toPct?: number;
  readonly transport: boolean;
}

const stops = /^(停产|停止生产|停|stop)$/;
const limits = /^(?:限产|限制生产|减产|limit)(?:(?:比例)?(?:by)?\s*([\d.]+\s*%))?$/;
const leaves = /^(?:限产至|限产到|保留(?:负荷)?|limit to)\s*([\d.]+\s*%)$/;
const transports = /^(运输管控|运输|停止运输|限制运输|车辆管控|停止公路运输|transport)$/;
const nothing = /^(|无|不停限|不停产不限产|不停不限|自主减排|自主|自主采取减排措施|none|own choice|-|—|\/)$/;

/** Undefined: cannot be read, or contradicts itself. */
export function measuresOf(text: string): AskedMeasures | undefined {
  const words = plainCell(text).toLowerCase();
  if (nothing.test(words)) return { transport: false };
  let asked: AskedMeasures = { transport: false };
  for (const word of words.split(/[+、,;/和]/).map((each) => each.trim())) {
    const own = wordOf(word);
    if (own === undefined || (own.load !== undefined && asked.load !== undefined)) return undefined;
    asked = { ...asked, ...own, transport: asked.transport || own.transport };
  }
  return asked;
}

function wordOf(word: string): AskedMeasures | undefined {
  if (stops.test(word)) return { load: 'stop', transport: false };
  if (transports.test(word)) return { transport: true };
  const left = leaves.exec(word);
  if (left !== null) {
    const toPct = percentOf(left[1]);
    return toPct === undefined ? undefined : { load: 'limit', toPct, transport: false };
  }
  const limit = limits.exec(word);
  if (limit === null) return undefined;
  if (limit[1] === undefined) return { load: 'limit', transport: false };
  const cut = percentOf(limit[1]);
  return cut === undefined ? undefined : { load: 'limit', toPct: 100 - cut, transport: false };
}
