// Names of enterprises and people, drawn from common characters. They mean no real firm and no real person.

import type { Draws } from './draws.ts';

type Syllable = readonly [zh: string, en: string];

const firsts: readonly Syllable[] = [
  ['恒', 'Heng'],
  ['瑞', 'Rui'],
  ['鑫', 'Xin'],
  ['盛', 'Sheng'],
  ['宏', 'Hong'],
  ['华', 'Hua'],
  ['泰', 'Tai'],
  ['金', 'Jin'],
  ['万', 'Wan'],
  ['兴', 'Xing'],
  ['中', 'Zhong'],
  ['东', 'Dong'],
  ['福', 'Fu'],
  ['广', 'Guang'],
  ['海', 'Hai'],
  ['嘉', 'Jia'],
  ['凯', 'Kai'],
  ['利', 'Li'],
  ['明', 'Ming'],
  ['诚', 'Cheng'],
  ['顺', 'Shun'],
  ['天', 'Tian'],
  ['旭', 'Xu'],
  ['永', 'Yong'],
  ['裕', 'Yu'],
  ['益', 'Yi'],
  ['冠', 'Guan'],
  ['博', 'Bo'],
  ['昌', 'Chang'],
  ['德', 'De'],
  ['景', 'Jing'],
  ['腾', 'Teng'],
  ['润', 'Run'],
  ['康', 'Kang'],
  ['正', 'Zheng'],
  ['卓', 'Zhuo'],
];
const seconds: readonly Syllable[] = [
  ['达', 'da'],
  ['源', 'yuan'],
  ['通', 'tong'],
  ['隆', 'long'],
  ['丰', 'feng'],
  ['远', 'yuan'],
  ['和', 'he'],
  ['祥', 'xiang'],
  ['龙', 'long'],
  ['宇', 'yu'],
  ['力', 'li'],
  ['信', 'xin'],
  ['业', 'ye'],
  ['发', 'fa'],
  ['强', 'qiang'],
  ['安', 'an'],
  ['成', 'cheng'],
  ['辉', 'hui'],
  ['航', 'hang'],
  ['佳', 'jia'],
  ['来', 'lai'],
  ['茂', 'mao'],
  ['宁', 'ning'],
  ['伟', 'wei'],
  ['阳', 'yang'],
  ['毅', 'yi'],
  ['悦', 'yue'],
  ['建', 'jian'],
  ['峰', 'feng'],
  ['特', 'te'],
];

/** Invented: one of about a thousand. */
export function brandOf(draw: Draws, tick: number): Syllable {
  const first = draw.pick(2 * tick, firsts);
  const second = draw.pick(2 * tick + 1, seconds);
  return [`${first[0]}${second[0]}`, `${first[1]}${second[1]}`];
}

/** What stands before the brand. */
const placeWords: Readonly<Record<string, readonly Syllable[]>> = {
  '131102': [['衡水', 'Hengshui']],
  '131103': [
    ['衡水冀州区', 'Hengshui Jizhou'],
    ['冀州区', 'Jizhou'],
    ['衡水', 'Hengshui'],
    ['河北', 'Hebei'],
  ],
  '131121': [
    ['枣强县', 'Zaoqiang'],
    ['衡水', 'Hengshui'],
    ['河北', 'Hebei'],
  ],
  '131122': [
    ['武邑县', 'Wuyi'],
    ['武邑', 'Wuyi'],
    ['衡水', 'Hengshui'],
  ],
  '131123': [
    ['武强县', 'Wuqiang'],
    ['河北', 'Hebei'],
  ],
  '131124': [
    ['饶阳县', 'Raoyang'],
    ['河北', 'Hebei'],
  ],
  '131125': [
    ['安平县', 'Anping'],
    ['安平', 'Anping'],
    ['河北', 'Hebei'],
  ],
  '131126': [
    ['故城县', 'Gucheng'],
    ['衡水', 'Hengshui'],
    ['河北', 'Hebei'],
  ],
  '131127': [
    ['景县', 'Jingxian'],
    ['衡水', 'Hengshui'],
    ['河北', 'Hebei'],
  ],
  '131128': [
    ['阜城县', 'Fucheng'],
    ['河北', 'Hebei'],
  ],
  '131182': [
    ['深州市', 'Shenzhou'],
    ['深州', 'Shenzhou'],
    ['河北', 'Hebei'],
  ],
  '131171': [
    ['衡水', 'Hengshui'],
    ['河北', 'Hebei'],
  ],
  '131172': [
    ['衡水滨湖', 'Hengshui Binhu'],
    ['衡水', 'Hengshui'],
  ],
};

const forms: readonly Syllable[] = [
  ['有限公司', 'Co., Ltd.'],
  ['有限公司', 'Co., Ltd.'],
  ['有限责任公司', 'Co., Ltd.'],
  ['厂', 'Works'],
  ['厂', 'Works'],
];

/** A name that `used` does not hold yet; it is added. `products`: what stands between brand and form. */
export function enterpriseName(
  draw: Draws,
  tick: number,
  options: { readonly district: string; readonly products: readonly Syllable[]; readonly company: boolean },
  used: Set<string>,
): { readonly zh: string; readonly en: string } {
  for (let attempt = 0; ; attempt++) {
    const at = (tick * 64 + attempt) * 5;
    const place = draw.pick(at, placeWords[options.district]);
    const first = draw.pick(at + 1, firsts);
    const second = draw.pick(at + 2, seconds);
    const product = draw.pick(at + 3, options.products);
    const form = options.company ? forms[0] : draw.pick(at + 4, forms);
    const zh = `${place[0]}${first[0]}${second[0]}${product[0]}${form[0]}`;
    if (used.has(zh)) continue;
    used.add(zh);
    return { zh, en: `${place[1]} ${first[1]}${second[1]} ${product[1]} ${form[1]}` };
  }
}

/** The commonest family names of the plain come several times. */
const families = [...'王王王王李李李李张张张张刘刘刘赵赵赵杨孙马高郭韩宋崔田魏孟贾董曹冯许程杜贺范苏齐郑周徐吴谢姚康尹边卢耿'];
const given = [
  ...'建国军强伟杰勇涛磊刚辉明斌超鹏飞红梅丽娟芳霞静敏燕玲艳秀英桂兰俊凯浩宇欣雪晨博文志永春海玉金福庆振立新会书占彦少东晓亚',
];
const alone = [...'伟强勇磊涛静敏燕丽娟超鹏杰辉斌霞芳颖倩浩'];

/** A quarter of the given names have one character. */
export function personName(draw: Draws, tick: number): string {
  const family = draw.pick(4 * tick, families);
  if (draw.share(4 * tick + 3) < 0.25) return `${family}${draw.pick(4 * tick + 1, alone)}`;
  return `${family}${draw.pick(4 * tick + 1, given)}${draw.pick(4 * tick + 2, given)}`;
}
