// Why the engine says so: a finding or an incident as a tree of sentences, down to the values, in Chinese and English.

import type { Kind } from '../schema/catalog.ts';
import { catalog } from '../schema/catalog.ts';
import type { Candidate, Evidence, Finding, FindingState, Severity } from '../schema/finding.ts';
import { endedStates, type Incident, type IncidentChange, type IncidentState } from '../schema/incident.ts';
import { saysTexts, type Text } from '../schema/says.ts';
import { formatBeijing } from './calendar.ts';
import { reasonTexts } from './findingTexts.ts';

/** One sentence, and what it rests on. A value that an instrument gave stands in `evidence`. */
export interface Explanation {
  readonly zh: string;
  readonly en: string;
  readonly evidence?: Evidence;
  readonly parts: readonly Explanation[];
}

/** Names from the register; an id that it does not know is its own name. */
export interface Names {
  source(kind: Kind, id: string): Text;
  enterprise(id: string): Text;
  district(code: string): Text;
  township(code: string): Text;
  rule(id: string): Text;
}

const severityTexts: Readonly<Record<Severity, Text>> = {
  notice: { zh: '提示', en: 'notice' },
  warning: { zh: '警告', en: 'warning' },
  serious: { zh: '严重', en: 'serious' },
};
const findingStates: Readonly<Record<FindingState, Text>> = {
  open: { zh: '持续中', en: 'going on' },
  closed: { zh: '已结束', en: 'over' },
  corrected: { zh: '已更正：迟到数据取消了依据', en: 'corrected: late data took its cause away' },
};
const incidentStates: Readonly<Record<IncidentState, Text>> = {
  open: { zh: '待派单', en: 'waits for dispatch' },
  dispatched: { zh: '已派单', en: 'dispatched' },
  'on-site': { zh: '已到场', en: 'on site' },
  feedback: { zh: '已反馈', en: 'feedback given' },
  closed: { zh: '已办结', en: 'closed' },
  dismissed: { zh: '已驳回', en: 'dismissed' },
  corrected: { zh: '已更正', en: 'corrected' },
};
/** Why a finding is over: because it is the case no longer, or by what closed it. */
const closedTexts: Readonly<Record<'itself' | NonNullable<Finding['closedBy']>, Text>> = {
  itself: { zh: '情况已不再成立', en: 'it is the case no longer' },
  rule: { zh: '规则已停用或更改，情况未必消失', en: 'its rule was switched off or changed: it may still be the case' },
  register: { zh: '已不在登记名录中，情况未必消失', en: 'it is no longer in the register: it may still be the case' },
};
const sides = { above: { zh: '高于', en: 'above' }, below: { zh: '低于', en: 'below' } } as const;

export function explainFinding(finding: Finding, names: Names): Explanation {
  const { rule, ruleVersion, enterprise, place, openedMs, closedMs, foundMs, state, severity, evidence, candidates } = finding;
  const what = names.rule(rule);
  const where = enterprise === undefined ? names.district(place.district) : names.enterprise(enterprise);
  const status = findingStates[state];
  return {
    zh: `${where.zh}：${what.zh}（${severityTexts[severity].zh}，${status.zh}）`,
    en: `${where.en}: ${what.en} (${severityTexts[severity].en}, ${status.en})`,
    parts: [
      sentence(
        `自${time(openedMs)}${closedMs === undefined ? '起' : `至${time(closedMs)}`}，引擎于${time(foundMs)}发现`,
        `from ${time(openedMs)}${closedMs === undefined ? ' on' : ` to ${time(closedMs)}`}, found at ${time(foundMs)}`,
      ),
      ...(state === 'closed' ? [whyOver(finding)] : []),
      sentence(
        `依据：规则 ${rule} 第${ruleVersion}版`,
        `because of rule ${rule}, version ${ruleVersion}`,
        evidence.map((each) => ofEvidence(each, names)),
      ),
      ...(candidates.length === 0 ? [] : [ofCandidates(candidates, names)]),
    ],
  };
}

export function explainIncident(incident: Incident, findings: readonly Finding[], names: Names): Explanation {
  const { enterprise, place, rule, severity, state, candidates } = incident;
  const where = enterprise === undefined ? names.district(place.district) : names.enterprise(enterprise);
  return {
    zh: `${where.zh}：${names.rule(rule).zh}（${severityTexts[severity].zh}，${incidentStates[state].zh}）`,
    en: `${where.en}: ${names.rule(rule).en} (${severityTexts[severity].en}, ${incidentStates[state].en})`,
    parts: [
      incident.kind === 'maintenance' ? ofOperator(incident, names) : ofInspector(incident, names),
      ...(endedStates.includes(state) ? [howEnded(incident, findings)] : []),
      ...findings.map((finding) => explainFinding(finding, names)),
      ...(findings.length < 2 || candidates.length === 0 ? [] : [ofCandidates(candidates, names)]),
    ],
  };
}

const closerOf = ({ closedBy }: Finding): keyof typeof closedTexts => closedBy ?? 'itself';

function whyOver(finding: Finding): Explanation {
  const { zh, en } = closedTexts[closerOf(finding)];
  return sentence(`结束原因：${zh}`, `over because ${en}`);
}

function howEnded({ endedMs, changes, state }: Incident, findings: readonly Finding[]): Explanation {
  const last = changes.findLast(({ what }) => endings[state]?.includes(what)); // findings may have closed since
  const { zh, en } = endOf(last, state, findings);
  const at = endedMs === undefined ? undefined : time(endedMs);
  return sentence(`${at === undefined ? '' : `于${at}`}结束：${zh}`, `ended${at === undefined ? '' : ` at ${at}`}: ${en}`);
}

const endings: Readonly<Partial<Record<IncidentState, readonly IncidentChange['what'][]>>> = {
  closed: ['close', 'cause-gone'],
  dismissed: ['dismiss', 'merge'],
};

/** By what ended it: a person, late data, or what closed its findings. */
function endOf(last: IncidentChange | undefined, state: IncidentState, findings: readonly Finding[]): Text {
  const { by = '', why, what } = last ?? {};
  const said = why === undefined ? { zh: '', en: '' } : { zh: `，理由：${why}`, en: `, who says: ${why}` };
  if (what === 'close') return { zh: `由${by}办结${said.zh}`, en: `closed by ${by}${said.en}` };
  if (what === 'dismiss') return { zh: `由${by}驳回${said.zh}`, en: `dismissed by ${by}${said.en}` };
  if (what === 'merge') return { zh: `由${by}并入 ${why}`, en: `merged by ${by} into ${why}` };
  if (state === 'corrected') return { zh: '迟到数据取消了全部依据', en: 'late data took all of its causes away' };
  const closed = new Set(findings.filter((finding) => finding.state === 'closed').map(closerOf));
  const reasons = (['itself', 'rule', 'register'] as const)
    .filter((each) => closed.has(each) || (each === 'itself' && closed.size === 0))
    .map((each) => (each === 'itself' ? allGone : closedTexts[each]));
  return { zh: reasons.map(({ zh }) => zh).join('；或'), en: reasons.map(({ en }) => en).join(', or ') };
}

const allGone: Text = { zh: '情况均已不再成立', en: 'nothing of it is the case any more' };

function ofInspector({ subCentre, township, inspector }: Incident, names: Names): Explanation {
  const centre = names.district(subCentre);
  const grid = township === '' ? undefined : names.township(township);
  const to = inspector === '' ? '' : ` ${inspector}`;
  return sentence(
    `责任单位：${centre.zh}分中心${grid === undefined ? '' : `，${grid.zh}网格员${to}`}`,
    `goes to the sub-centre of ${centre.en}${grid === undefined ? '' : `, ${grid.en}, inspector${to}`}`,
  );
}

function ofOperator({ operator = 'city', repairByMs }: Incident, names: Names): Explanation {
  const { zh, en } = operator === 'city' ? { zh: '市级监测网', en: "the city's network" } : names.enterprise(operator);
  const by = repairByMs === undefined ? undefined : time(repairByMs);
  return sentence(
    `设备或网络故障，由${zh}运维${by === undefined ? '' : `，须于${by}前修复`}`,
    `a fault of a device or a network: goes to maintenance of ${en}${by === undefined ? '' : `, to be repaired by ${by}`}`,
  );
}

/** Indented lines, as a terminal or a message shows them. */
export function explanationText(explanation: Explanation, language: 'zh' | 'en', depth = 0): string {
  const own = `${'  '.repeat(depth)}${explanation[language]}`;
  return [own, ...explanation.parts.map((part) => explanationText(part, language, depth + 1))].join('\n');
}

function sentence(zh: string, en: string, parts: readonly Explanation[] = []): Explanation {
  return { zh, en, parts };
}

function ofEvidence(evidence: Evidence, names: Names): Explanation {
  const { kind, source, metric, startMs, endMs, value, unit, limit, side, says, revision } = evidence;
  const name = names.source(kind, source);
  const measured = catalog[kind].metrics.find(({ id }) => id === metric) ?? { zh: '', en: '' }; // a count
  const what = saysTexts[says];
  const compared = limit === undefined || side === undefined ? undefined : sides[side];
  const span = endMs > startMs ? `${time(startMs)}–${time(endMs).slice(6)}` : time(startMs);
  const corrected = revision === undefined ? undefined : { zh: `，数据已修订${revision}次`, en: `, corrected ${revision} times` };
  return {
    zh: `${what.zh}：${name.zh}${spaced(measured.zh)} ${value}${unitOf(unit)}${compared === undefined ? '' : `，${compared.zh} ${limit}${unitOf(unit)}`}（${span}${corrected?.zh ?? ''}）`,
    en: `${what.en}: ${name.en}${spaced(measured.en)} ${value}${unitOf(unit)}${compared === undefined ? '' : `, ${compared.en} ${limit}${unitOf(unit)}`} (${span}${corrected?.en ?? ''})`,
    evidence,
    parts: [],
  };
}

const spaced = (text: string) => (text === '' ? '' : ` ${text}`);
/** A plain number has none. */
const unitOf = (unit: string) => (unit === '1' ? '' : ` ${unit}`);

function ofCandidates(candidates: readonly Candidate[], names: Names): Explanation {
  return sentence(
    '可能的来源',
    'what may be the cause',
    candidates.map(({ id, score, reasons }) => {
      const name = special[id] ?? names.enterprise(id);
      const texts = reasons.map((reason) => reasonText(reason));
      return sentence(
        `${name.zh}，得分 ${score.toFixed(2)}：${texts.map(({ zh }) => zh).join('，')}`,
        `${name.en}, score ${score.toFixed(2)}: ${texts.map(({ en }) => en).join(', ')}`,
      );
    }),
  );
}

const special: Readonly<Record<string, Text>> = {
  outside: { zh: '市域之外', en: 'outside the city' },
  unknown: { zh: '无法判断', en: 'cannot tell' },
  instrument: { zh: '仪器本身', en: 'the instrument itself' },
};

/** `windShare=0.82`: the words of the code, then its number. */
function reasonText(reason: string): Text {
  const [code, number] = reason.split('=');
  const text = reasonTexts[code] ?? { zh: code, en: code };
  return number === undefined ? text : { zh: `${text.zh} ${number}`, en: `${text.en} ${number}` };
}

/** `01-05 08:00`, Beijing time. */
function time(ms: number): string {
  return formatBeijing(ms).slice(5, 16).replace('T', ' ');
}
