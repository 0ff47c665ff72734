// What people of Hengshui write and say when they complain: Chinese texts by category, with slots for place, time and feeling.

import { beijingOffsetMs } from '../../../engine/domain/calendar.ts';
import { hourOf } from '../weather.ts';
import { dayMs, hourMs } from './instrument.ts';

/** Values of the column `category`: those of a nuisance, and `other` for what is not about the air. */
export const complaintCategories = ['smell', 'smoke', 'dust', 'noise', 'burning', 'haze', 'other'] as const;
export type ComplaintCategory = (typeof complaintCategories)[number];

export interface TextSlots {
  /** Where, as people say it. */
  readonly place: string;
  /** What stands there: 橡胶厂, 厂子 … */
  readonly works: string;
  /** What that smells of. */
  readonly odour: string;
  /** When it was: 昨晚11点多 … */
  readonly when: string;
  /** How long it has lasted: 一个多小时 … */
  readonly long: string;
  /** What it does to people. */
  readonly feel: string;
}

/** Slots in braces. Messages, forms, notes of a call: several voices on purpose. */
export const complaintTexts: Readonly<Record<ComplaintCategory, readonly string[]>> = {
  smell: [
    '{place}的{works}{when}往外排味儿,{odour},{feel},麻烦派人来看看。',
    '市民来电反映:{when}{place}有明显{odour},已持续{long},怀疑来自附近{works},要求核实。',
    '又来味了!{when}开窗全是{odour},{feel},你们到底管不管。',
    '家住{place},{when}闻到{odour},关着窗户都挡不住,持续了{long}。',
    '举报{works}偷排废气。{when}最厉害,白天没人查的时候就停,{place}的住户都能作证。',
    '孩子放学路过{place}说嗓子难受,{when}那一带{odour}特别冲,希望环保部门检测一下。',
    '您好,{place}{when}空气里有{odour},像是{works}那边飘过来的,{feel}。请回复处理结果。',
    '诉求人称{works}废气处理设备没开,{when}{odour}刺鼻,{long}未散,诉求:查处并回电。',
    '楼里好几户都在群里说,{when}一股{odour},{long}了还没散,位置大概在{place}。',
    '老人有哮喘,{when}被{odour}呛得厉害,{feel}。{place}这边反映过不止一次了。',
  ],
  smoke: [
    '{place}{works}的烟囱{when}冒黑烟,有视频。',
    '{when}路过{place},看见厂房顶上往外冒烟,不是从烟囱出来的,持续{long}。',
    '市民反映{place}一家{works}{when}冒黄烟,{feel},请现场核查。',
    '举报:{works}除尘没开,{when}房顶四处冒灰烟,周边车上落一层灰。',
    '黑烟滚滚,{when}看见的,{place},{long}了没人管。',
    '你好我要反映一下,{place}{when}有大烟,看方向是{works},烟往居民区飘,{feel}。',
    '来电人称每到晚上{place}附近就有厂子冒白烟,{when}尤其大,味道{odour}。',
    '{place}北边{when}烟很大,不像着火,像是炉子没处理直接放的,请查{works}。',
    '{works}{when}又放烟了,院子里晾的衣服全是黑点,这都第三回了。',
  ],
  dust: [
    '{place}工地{when}土方作业没有洒水,尘土飞扬,{feel}。',
    '渣土车从{place}工地出来不冲洗,{when}满路是土,车一过什么都看不见。',
    '举报{place}施工现场裸土没苫盖,{when}刮风全是土,{long}了。',
    '市民反映:{place}拆迁工地{when}未开雾炮,扬尘严重,窗台一天擦三遍。',
    '{when}{place}那边挖土,一点降尘措施都没有,灰都飘到小区里了。',
    '工地围挡坏了没人修,{place}的土{when}直往马路上刮,骑车睁不开眼。',
    '你好,{place}有个搅拌的场子,{when}上料时粉尘特别大,{feel},请查处。',
    '诉求:责令{place}工地落实六个百分百。{when}现场无喷淋,道路积尘{long}未清扫。',
    '家里刚擦的桌子,{when}开窗{long}就一层土,都是{place}工地来的。',
  ],
  noise: [
    '{place}{when}还在施工,打桩声震得睡不着,已经{long}。',
    '{works}夜里机器轰隆响,{when}最吵,{feel},请管一管。',
    '市民来电:{place}工地{when}违规夜间施工,要求立即停工。',
    '{when}开始切割钢筋,声音特别尖,{place}整栋楼都能听见。',
    '举报{place}附近{works}风机噪音扰民,{when}持续{long},老人心脏受不了。',
    '孩子明天考试,{place}{when}还放炮施工,物业说管不了。',
    '{place}有人{when}大量放烟花鞭炮,响了{long},狗叫孩子哭。',
    '卸货的大车{when}一直按喇叭倒车,就在{place},{feel}。',
    '投诉人反映{place}冷却塔响个不停,{when}分贝超标,手机测有七十多,请上门监测。',
  ],
  burning: [
    '{place}地里{when}有人烧秸秆,火苗老高,烟往村里灌。',
    '举报:{when}{place}南边麦茬地着了,{long},没见人管。',
    '市民来电反映{place}有焚烧垃圾现象,{when}烟大味呛,{feel}。',
    '看见{place}方向地里着火了,{when},从公路上就能看见烟。',
    '有人趁{when}偷着烧玉米秸,{place}地头好几处火点,快来人。',
    '{place}河边{when}烧荒,风一刮火往树林那边跑,危险!',
    '村民在{place}烧落叶和杂草,{when}烟特别大,呛得人{feel}。',
    '网格员呢?{place}{when}烧秸秆烧了{long},满天都是灰片子。',
    '{when}开车经过{place},烟大得看不清路,应该是两边地里在烧。',
  ],
  haze: [
    '这几天雾霾太重了,{place}{when}对面楼都看不见,{feel},到底采取措施没有?',
    '{place}今天空气质量怎么这么差,手机上显示重度,孩子还要不要上学?',
    '市民咨询:重污染天气连续多日,{place}企业是否已限产?{when}仍能闻到呛味。',
    '天灰蒙蒙的{long}了,{feel},请公布污染来源。',
    '{when}出门嗓子疼,{place}一股煤烟味,这还叫蓝天保卫战?',
    '建议重污染期间{place}停止一切土石方作业,{when}外面还有大货车跑。',
    '家里净化器红灯亮了{long},{place}的监测数据准不准?',
    '老人慢阻肺,这种天{feel},{place}什么时候能好转,请答复。',
    '来电人表示{place}能见度很低,空气有异味,{when}最严重,要求加大管控力度。',
  ],
  other: [
    '{place}的垃圾桶{when}就满了,好几天没人清运。',
    '{place}暖气不热,室温只有15度,{when}打热力公司电话没人接。',
    '{place}路灯坏了{long},{when}走路都看不见,请维修。',
    '反映{place}下水道返水,{when}路面都是污水。',
    '{place}门口有人占道摆摊,{when}车堵得出不来。',
    '咨询老旧柴油车报废补贴在哪办理,{place}有没有办理点。',
    '{place}村里的坑塘水发黑,夏天蚊子特别多,希望治理一下。',
    '共享单车乱停乱放,{place}的盲道{when}全占了。',
  ],
};

/** What it does to people, by category. */
const feelings: Readonly<Record<ComplaintCategory, readonly string[]>> = {
  smell: ['熏得头疼', '恶心想吐', '嗓子发干', '眼睛辣得流泪', '根本不敢开窗', '孩子一直咳嗽'],
  smoke: ['呛得直咳嗽', '看着就吓人', '味儿也大', '窗户都不敢开', '眼睛难受'],
  dust: ['嘴里都是沙子', '老人孩子受不了', '晾的衣服全脏了', '呛得慌', '出门一身土'],
  noise: ['一宿没合眼', '孩子吓得直哭', '心慌', '没法休息', '头都大了'],
  burning: ['喘不上气', '眼睛睁不开', '老人直咳嗽', '一院子灰', '屋里都是烟味'],
  haze: ['嗓子疼', '胸闷', '戴口罩都呛', '孩子咳嗽好几天了', '鼻炎都犯了'],
  other: ['很不方便'],
};

interface Works {
  /** One of these in the enterprise's name. */
  readonly words: readonly string[];
  readonly works: string;
  readonly odours: readonly string[];
}

/** From the name of the nearest enterprise to what neighbours call it. */
const worksByName: readonly Works[] = [
  { words: ['橡胶', '胶管', '橡塑', '轮胎'], works: '橡胶厂', odours: ['烧胶皮味', '焦糊的橡胶味', '刺鼻的硫化味'] },
  { words: ['玻璃钢', '复合材料', '冷却塔'], works: '玻璃钢厂', odours: ['树脂味', '像胶水一样的甜腻味', '苯乙烯味'] },
  { words: ['铸', '铁', '钢', '机械', '暖气片', '散热器'], works: '铸造厂', odours: ['铁腥味', '煤烟味', '烧焦的型砂味'] },
  { words: ['丝网', '筛网', '护栏', '金属网'], works: '丝网厂', odours: ['酸味', '塑粉烤糊的味', '机油味'] },
  { words: ['镀锌'], works: '镀锌厂', odours: ['酸雾味', '呛鼻的白烟味'] },
  { words: ['皮', '裘', '革'], works: '皮毛厂', odours: ['腥臭味', '臭鸡蛋味', '皮子的臊味'] },
  { words: ['家具', '木', '乐器', '门业'], works: '家具厂', odours: ['油漆味', '香蕉水味', '稀料味'] },
  { words: ['化工', '化学', '药', '树脂', '涂料'], works: '化工厂', odours: ['农药味', '说不上来的药味', '刺鼻的化学味'] },
  { words: ['热力', '供热', '热电', '锅炉'], works: '供热站', odours: ['煤烟味', '硫磺味'] },
  { words: ['混凝土', '砼', '沥青', '建材', '水泥', '砖'], works: '搅拌站', odours: ['沥青味', '呛人的灰味'] },
  { words: ['塑', '包装', '印刷'], works: '塑料厂', odours: ['烧塑料味', '油墨味', '胶味'] },
];
const anyWorks: Works = { words: [], works: '厂子', odours: ['刺鼻气味', '怪味', '烧焦味', '臭味'] };

export interface TextRequest {
  readonly category: ComplaintCategory;
  /** 马店镇, 深州市榆科镇 … */
  readonly place: string;
  /** Name of the nearest enterprise; absent: none is near. */
  readonly enterprise?: string;
  /** When it was noticed, when it began (absent: not known) and when it is reported, epoch ms. */
  readonly eventMs: number;
  readonly startMs?: number;
  readonly reportedMs: number;
  /** A uniform number by use. */
  readonly chance: (use: string) => number;
}

export function complaintText(request: TextRequest): string {
  const { category, chance, enterprise = '' } = request;
  const pick = <Choice>(use: string, choices: readonly Choice[]): Choice => choices[Math.floor(chance(use) * choices.length)];
  const near = worksByName.find(({ words }) => words.some((word) => enterprise.includes(word))) ?? anyWorks;
  const slots: TextSlots = {
    place: request.place + pick('side', ['', '', '东边', '西边', '南边', '路口', '附近']),
    works: near.works,
    odour: pick('odour', near.odours),
    when: whenText(request.eventMs, request.reportedMs, chance('when')),
    long: longText(request.startMs === undefined ? Number.NaN : request.eventMs - request.startMs, chance('long')),
    feel: pick('feel', feelings[category]),
  };
  const texts = complaintTexts[category].filter((text) => fits(text, request.eventMs));
  const filled = pick('text', texts).replace(/\{(\w+)\}/g, (_, name: keyof TextSlots) => slots[name]);
  // 镇东边北边, 镇附近那边: the text's own word for the side is enough.
  return filled.replace(/(?:东边|西边|南边|路口|附近)(?=东边|西边|南边|北边|附近|方向|这边|那边|河边|门口)/g, '');
}

/** What is only said of a night, and of some months (1 to 12). */
const nightly = /夜|睡/;
const seasonal: readonly (readonly [words: RegExp, months: readonly number[]])[] = [
  [/暖气|煤烟/, [11, 12, 1, 2, 3]],
  [/麦茬/, [5, 6, 7]],
  [/玉米/, [9, 10, 11]],
  [/落叶/, [10, 11, 12]],
  [/蚊子/, [5, 6, 7, 8, 9]],
];

function fits(text: string, eventMs: number): boolean {
  const hour = hourOf(eventMs);
  const month = new Date(eventMs + beijingOffsetMs).getUTCMonth() + 1;
  if (nightly.test(text) && hour >= 6 && hour < 21) return false;
  return seasonal.every(([words, months]) => !words.test(text) || months.includes(month));
}

/** Parts of the day from an hour on. */
const parts: readonly (readonly [fromHour: number, zh: string])[] = [
  [0, '凌晨'],
  [5, '早上'],
  [8, '上午'],
  [11, '中午'],
  [13, '下午'],
  [18, '傍晚'],
  [19, '晚上'],
];

/** 刚才, 今天下午3点多, 昨晚11点左右 … `chance` 0 to 1. */
export function whenText(eventMs: number, reportedMs: number, chance: number): string {
  if (reportedMs - eventMs < hourMs / 4) return chance < 0.4 ? '刚才' : chance < 0.7 ? '这会儿' : '现在';
  const localMs = eventMs + beijingOffsetMs;
  const day = Math.floor(localMs / dayMs);
  const hour = Math.floor((localMs - day * dayMs) / hourMs);
  const daysAgo = Math.floor((reportedMs + beijingOffsetMs) / dayMs) - day;
  const part = parts.findLast(([fromHour]) => hour >= fromHour)?.[1] ?? '';
  const clock = `${hour > 12 ? hour - 12 : hour}点${chance < 0.35 ? '多' : chance < 0.7 ? '左右' : '来钟'}`;
  if (daysAgo === 0) return `${part === '凌晨' || chance < 0.5 ? '今天' : ''}${part}${clock}`;
  if (daysAgo === 1) return part === '晚上' ? `昨晚${clock}` : `昨天${part}${clock}`;
  return `前几天${part}${clock}`;
}

/** Roughly, as people do; NaN = not known: something vague. */
function longText(lastedMs: number, chance: number): string {
  const pick = (choices: readonly string[]) => choices[Math.floor(chance * choices.length)];
  if (Number.isNaN(lastedMs)) return pick(['好几个小时', '两三天', '好长时间', '一个多星期']);
  const hours = lastedMs / hourMs;
  if (hours < 0.5) return pick(['十来分钟', '二十多分钟', '快半个小时']);
  if (hours < 2) return pick(['一个小时', '一个多小时', '个把钟头']);
  if (hours < 8) return pick(['好几个小时', '小半天', '三四个小时']);
  return hours < 30 ? pick(['大半天', '一整天', '一天一宿']) : pick(['两三天', '好几天', '连着几天']);
}
