// Sources of the register that belong to enterprises, sites, roads and offices: stacks, meters, dust, gates, channels, forecast.

import { hengshuiDistricts } from '../../../engine/domain/geo.ts';
import type { Enterprise, Source } from '../../../engine/schema/register.ts';
import { districtWeights } from './clusters.ts';
import { draws, padded, weighted } from './draws.ts';
import { brandOf } from './names.ts';
import { around, shifted } from './places.ts';
import { hengshuiTownships, townshipWeights } from './townships.ts';

/** A source at every monitored stack, in the order of their ids, which is the enterprises'. */
export function makeStackMonitors(enterprises: readonly Enterprise[], kind: 'cems' | 'voc'): Source[] {
  const sources: Source[] = [];
  for (const { id: enterprise, zh, en, district, lon, lat, processes } of enterprises)
    for (const process of processes) {
      const id = process.stack?.[kind];
      if (id === undefined) continue;
      sources.push({
        kind,
        id,
        zh: `${zh}${process.zh}排口`,
        en: `${en}, ${process.en} outlet`,
        district,
        lon,
        lat,
        enterprise,
      });
    }
  return sources;
}

/** Three circuits an enterprise that has a main meter. */
export function makeMeters(enterprises: readonly Enterprise[]): Source[] {
  const sources: Source[] = [];
  for (const { id: enterprise, zh, en, district, lon, lat, processes, mainMeter } of enterprises) {
    if (mainMeter === undefined) continue;
    const add = (id: string, circuit: Source['circuit'], name: string, nameEn: string) =>
      sources.push({ kind: 'power', id, zh: `${zh}${name}`, en: `${en}, ${nameEn}`, district, lon, lat, enterprise, circuit });
    add(mainMeter, 'main', '总表', 'main meter');
    for (const process of processes) {
      if (process.productionMeter !== undefined)
        add(process.productionMeter, 'production', `${process.zh}生产设施`, `${process.en}, production`);
      if (process.treatmentMeter !== undefined)
        add(process.treatmentMeter, 'treatment', `${process.zh}治污设施`, `${process.en}, treatment`);
    }
  }
  return sources;
}

const works: readonly (readonly [zh: string, en: string])[] = [
  ['家园住宅小区', 'Homes'],
  ['城住宅项目', 'City Housing'],
  ['学校新建工程', 'School'],
  ['产业园厂房', 'Industrial Park'],
  ['商业综合体', 'Shopping Centre'],
  ['路改造工程', 'Road Works'],
  ['医院迁建项目', 'Hospital'],
  ['安置房项目', 'Resettlement Housing'],
  ['污水管网工程', 'Sewer Works'],
];
/** Built-up area round a seat of government, and round a township, km [P]. */
const builtUpKm = { seat: 3.2, township: 0.9 };
const weightOfSeat = 2;

/** Construction sites, in built-up areas. */
export function makeDustSites(seed: number, count: number): Source[] {
  const draw = draws(seed, 'dust');
  const place = draws(seed, 'dust place');
  const brand = draws(seed, 'dust name');
  const sources: Source[] = [];
  for (let i = 0; i < count; i++) {
    const home = hengshuiDistricts[i < hengshuiDistricts.length ? i : weighted(draw.share(3 * i), districtWeights)];
    // Building goes where people are: the square of the weight favours towns.
    const weights = hengshuiTownships.map(({ district }, t) =>
      district === home.code ? townshipWeights[t] * townshipWeights[t] : 0,
    );
    const t = weighted(draw.share(3 * i + 1), weights);
    const township = hengshuiTownships[t];
    const [zh, en] = brandOf(brand, i);
    const work = draw.pick(3 * i + 2, works);
    sources.push({
      kind: 'dust',
      id: `DUST-${padded(i + 1, 3)}`,
      zh: `${home.zh}${zh}${work[0]}工地`,
      en: `${home.en} ${en} ${work[1]} site`,
      district: home.code,
      ...around(place, i, township, 0.1, townshipWeights[t] > weightOfSeat ? builtUpKm.seat : builtUpKm.township),
    });
  }
  return sources;
}

/** On national roads at the edge of towns; the roads pass there [M], the exact spots are ours [P]. */
const gates = [
  { district: '131102', zh: '国道106线衡水北遥测点', en: 'G106 Hengshui North gate', eastKm: 5.5, northKm: 5 },
  { district: '131103', zh: '国道106线冀州遥测点', en: 'G106 Jizhou gate', eastKm: 2.5, northKm: -3.5 },
  { district: '131127', zh: '国道105线景县遥测点', en: 'G105 Jing County gate', eastKm: 2.5, northKm: 3 },
  { district: '131182', zh: '国道307线深州遥测点', en: 'G307 Shenzhou gate', eastKm: 3.5, northKm: 2.5 },
];

export function makeGates(): Source[] {
  return gates.map(({ district, zh, en, eastKm, northKm }, i) => ({
    kind: 'vehicle',
    id: `VEH-${padded(i + 1, 3)}`,
    zh,
    en,
    district,
    ...shifted(hengshuiDistricts.find(({ code }) => code === district) ?? hengshuiDistricts[0], eastKm, northKm),
  }));
}

/** Of the whole city: 12369, website and WeChat are named in the sources [S], the others are usual [M]. */
const cityChannels: readonly (readonly [zh: string, en: string])[] = [
  ['12345政务服务热线', '12345 hotline'],
  ['12369环保举报热线', '12369 environment hotline'],
  ['12369微信举报', 'WeChat reports'],
  ['市生态环境局网站信箱', "Bureau's website"],
  ['来信来访接待', 'Letters and visits'],
  ['市长信箱', "Mayor's mailbox"],
  ['人民网留言板', 'Message board'],
  ['官方微博', 'Weibo'],
  ['网格员上报', "Inspectors' reports"],
];

/** The city's channels first, without a district, then one of each sub-centre. */
export function makeChannels(): Source[] {
  const city = cityChannels.map(([zh, en]) => ({ zh, en, district: '' }));
  const own = hengshuiDistricts.map(({ code, zh, en, lon, lat }) => ({
    zh: `${zh}分中心信访窗口`,
    en: `${en} sub-centre desk`,
    district: code,
    lon,
    lat,
  }));
  return [...city, ...own].map((channel, i) => ({ kind: 'petition', id: `PET-${padded(i + 1, 3)}`, ...channel }));
}

export function makeForecaster(): Source {
  return { kind: 'forecast', id: 'FC-1', zh: '城市空气质量预报', en: 'City forecast', district: '' };
}
