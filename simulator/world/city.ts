// The register of the simulated Hengshui: sources of all nine kinds with plausible places and links.

import { hengshui, hengshuiDistricts, hengshuiNationalStations, type Place, roundedPlace } from '../../engine/domain/geo.ts';
import type { Kind } from '../../engine/schema/catalog.ts';
import type { District, Register, Source } from '../../engine/schema/register.ts';
import { streamOf, uniform } from './random.ts';

/** How many sources there are of each kind (design section 2). */
export const cityCounts: Readonly<Record<Exclude<Kind, 'power'>, number>> = {
  air: 162,
  cems: 184,
  voc: 51,
  dust: 313,
  camera: 261,
  vehicle: 4,
  petition: 22,
  forecast: 1,
};
export const meteredEnterprises = 1700;

/** Share of each district, in the order of `hengshuiDistricts`: built-up area and industry, our estimate [P]. */
const weights = [16, 9, 9, 6, 5, 5, 8, 9, 9, 6, 9, 6, 3];

/** How far from the seat of government sources spread, km [P]. */
const reachKm = [6, 14, 13, 13, 10, 12, 11, 15, 17, 13, 17, 3.5, 4];

/** Places that stations are called after; then by number. */
const placeNames: Readonly<Record<string, readonly string[]>> = {
  '131102': [
    '河西街道',
    '河东街道',
    '路北街道',
    '中华大街街道',
    '赵家圈镇',
    '邓庄镇',
    '何家庄乡',
    '郑家河沿镇',
    '彭杜村乡',
    '北方工业基地',
    '人民公园',
    '衡水学院',
  ],
  '131103': ['冀州镇', '官道李镇', '南午村镇', '周村镇', '码头李镇', '西王镇', '门庄乡', '徐家庄乡', '冀州工业园区'],
  '131121': ['枣强镇', '恩察镇', '大营镇', '嘉会镇', '马屯镇', '肖张镇', '张秀屯镇', '新屯镇', '唐林镇'],
  '131122': ['武邑镇', '清凉店镇', '审坡镇', '赵桥镇', '韩庄镇', '肖桥头镇', '龙店镇'],
  '131123': ['武强镇', '街关镇', '周窝镇', '东孙庄镇', '豆村镇', '北代乡'],
  '131124': ['饶阳镇', '大尹村镇', '五公镇', '大官亭镇', '王同岳镇', '留楚镇'],
  '131125': ['安平镇', '马店镇', '南王庄镇', '大子文镇', '东黄城镇', '大何庄镇', '程油子乡', '西两洼乡', '丝网工业园'],
  '131126': ['郑口镇', '夏庄镇', '青罕镇', '故城镇', '武官寨镇', '饶阳店镇', '军屯镇', '建国镇', '西半屯镇'],
  '131127': ['景州镇', '龙华镇', '广川镇', '王瞳镇', '洚河流镇', '安陵镇', '杜桥镇', '王谦寺镇', '北留智镇', '留智庙镇'],
  '131128': ['阜城镇', '古城镇', '码头镇', '霞口镇', '崔家庙镇', '漫河镇', '建桥乡'],
  '131182': ['深州镇', '辰时镇', '榆科镇', '魏家桥镇', '大堤镇', '前磨头镇', '王家井镇', '护驾迟镇', '大屯镇', '高古庄镇'],
  '131171': ['苏正办事处', '大麻森乡', '高新区管委会', '北区工业园'],
  '131172': ['彭杜村', '魏家屯镇', '衡水湖东', '滨湖新区管委会'],
};

const kmPerDegree = 111.2;
const pad = (number: number, width: number) => String(number).padStart(width, '0');

export function makeRegister(seed: number): Register {
  const sources: Source[] = [];
  for (const { id, zh, en, lon, lat } of hengshuiNationalStations) {
    sources.push({ kind: 'air', id, zh, en, district: '131102', lon, lat, national: true });
  }
  addAir(seed, sources);
  addNumbered(seed, sources, 'cems', cityCounts.cems, 'CEMS', ['企业', '烟气排口'], ['Enterprise', 'stack']);
  addNumbered(seed, sources, 'voc', cityCounts.voc, 'VOC', ['VOC企业', '排口'], ['VOC enterprise', 'outlet']);
  addNumbered(seed, sources, 'dust', cityCounts.dust, 'DUST', ['工地', ''], ['Construction site', '']);
  addMeters(seed, sources);
  addNumbered(seed, sources, 'camera', cityCounts.camera, 'CAM', ['秸秆禁烧视频', ''], ['Straw camera', '']);
  addNumbered(seed, sources, 'vehicle', cityCounts.vehicle, 'VEH', ['机动车遥测点', ''], ['Roadside remote sensing', '']);
  addNumbered(seed, sources, 'petition', cityCounts.petition, 'PET', ['信访渠道', ''], ['Complaint channel', '']);
  sources.push({ kind: 'forecast', id: 'FC-1', zh: '城市空气质量预报', en: 'City forecast', district: '' });
  return { city: hengshui, districts: hengshuiDistricts, sources };
}

function addAir(seed: number, sources: Source[]): void {
  const used = new Map<string, number>();
  for (let i = 0; sources.length < cityCounts.air; i++) {
    const district = districtOf(seed, 'air', i);
    const names = placeNames[district.code];
    const turn = used.get(district.code) ?? 0;
    used.set(district.code, turn + 1);
    const name = names[turn % names.length];
    const zh = turn < names.length ? `${district.zh}${name}` : `${district.zh}${name}${Math.floor(turn / names.length) + 1}号`;
    sources.push({
      kind: 'air',
      id: `HS-${pad(i + 1, 3)}`,
      zh,
      en: `${district.en} micro station ${turn + 1}`,
      district: district.code,
      ...placeIn(seed, 'air', i, district),
    });
  }
}

function addNumbered(
  seed: number,
  sources: Source[],
  kind: Kind,
  count: number,
  prefix: string,
  zh: readonly [string, string],
  en: readonly [string, string],
): void {
  for (let i = 0; i < count; i++) {
    const district = districtOf(seed, kind, i);
    const enterprise = kind === 'cems' || kind === 'voc' ? { enterprise: `E-${pad(enterpriseOf(seed, kind, i), 4)}` } : {};
    sources.push({
      kind,
      id: `${prefix}-${pad(i + 1, 3)}`,
      zh: `${district.zh}${zh[0]}${i + 1}${zh[1]}`,
      en: `${district.en} ${en[0]} ${i + 1}${en[1] === '' ? '' : ` ${en[1]}`}`,
      district: district.code,
      ...placeIn(seed, kind, i, district),
      ...enterprise,
    });
  }
}

function enterpriseOf(seed: number, kind: Kind, i: number): number {
  return 1 + Math.floor(uniform(seed, streamOf(`${kind} enterprise`), i) * meteredEnterprises);
}

const circuits = [
  ['main', 'M', '总表', 'main meter'],
  ['production', 'P', '生产设施', 'production'],
  ['treatment', 'T', '治污设施', 'treatment'],
] as const;

function addMeters(seed: number, sources: Source[]): void {
  for (let i = 0; i < meteredEnterprises; i++) {
    const district = districtOf(seed, 'power', i);
    const place = placeIn(seed, 'power', i, district);
    const number = pad(i + 1, 4);
    for (const [circuit, letter, zh, en] of circuits) {
      sources.push({
        kind: 'power',
        id: `P-${number}-${letter}`,
        zh: `${district.zh}企业${i + 1}${zh}`,
        en: `${district.en} enterprise ${i + 1} ${en}`,
        district: district.code,
        ...place,
        enterprise: `E-${number}`,
        circuit,
      });
    }
  }
}

/** The first 13 go one to each district, so that none is empty; the others by weight. */
function districtOf(seed: number, what: string, i: number): District {
  if (i < hengshuiDistricts.length) return hengshuiDistricts[i];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let at = uniform(seed, streamOf(`${what} district`), i) * total;
  for (let d = 0; d < weights.length; d++) {
    at -= weights[d];
    if (at < 0) return hengshuiDistricts[d];
  }
  return hengshuiDistricts[hengshuiDistricts.length - 1];
}

function placeIn(seed: number, what: string, i: number, district: District): Place {
  const index = hengshuiDistricts.indexOf(district);
  const angle = 2 * Math.PI * uniform(seed, streamOf(`${what} angle`), i);
  const distance = reachKm[index] * uniform(seed, streamOf(`${what} distance`), i);
  const lat = district.lat + (distance * Math.sin(angle)) / kmPerDegree;
  const lon = district.lon + (distance * Math.cos(angle)) / (kmPerDegree * Math.cos((district.lat * Math.PI) / 180));
  return roundedPlace({ lon, lat });
}
