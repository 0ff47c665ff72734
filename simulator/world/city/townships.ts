// Townships, towns and subdistricts of Hengshui: names and statistical codes, about where they lie, how large they are.

import { hengshuiDistricts } from '../../../engine/domain/geo.ts';
import type { Township } from '../../../engine/schema/register.ts';
import { shifted } from './places.ts';

type Row = readonly [number: number, zh: string, en: string, eastKm: number, northKm: number, weight?: number];

/**
 * Names and codes as in the national list of statistical divisions [S]. East and north of the seat of the district, km:
 * from memory of the map, good to some km [M]. Weight: people and industry, 1 = a rural township, our estimate [P].
 */
const rows: Readonly<Record<string, readonly Row[]>> = {
  '131102': [
    [1, '河西街道', 'Hexi', -2.2, -0.3, 5],
    [2, '河东街道', 'Hedong', 2.2, 0.4, 5],
    [3, '路北街道', 'Lubei', 0.3, 2.6, 4],
    [4, '中华大街街道', 'Zhonghua Dajie', -0.2, -1.9, 5],
    [100, '郑家河沿镇', 'Zhengjiaheyan', 8.5, -5, 1.2],
    [101, '赵家圈镇', 'Zhaojiaquan', -11.5, 3.5, 1.6],
    [102, '邓庄镇', 'Dengzhuang', 7, 10, 1.5],
    [200, '何家庄乡', 'Hejiazhuang', -7.2, -2.6, 1.3],
  ],
  '131103': [
    [100, '冀州镇', 'Jizhou', 0, 0.4, 5],
    [102, '官道李镇', 'Guandaoli', -17, 2.5],
    [103, '南午村镇', 'Nanwucun', -8, -9],
    [104, '周村镇', 'Zhoucun', -9, 5, 1.3],
    [105, '码头李镇', 'Matouli', -15.5, 10.5, 1.2],
    [106, '西王镇', 'Xiwang', -20, -5],
    [200, '门家庄乡', 'Menjiazhuang', -13, -4],
    [201, '徐家庄乡', 'Xujiazhuang', -13.5, -12],
    [202, '北漳淮乡', 'Beizhanghuai', -2, -11.5],
    [203, '小寨乡', 'Xiaozhai', -8.5, 14],
  ],
  '131121': [
    [100, '枣强镇', 'Zaoqiang', 0, 0, 4.5],
    [101, '恩察镇', 'Encha', 12, 9],
    [102, '大营镇', 'Daying', -2, -20, 3],
    [103, '嘉会镇', 'Jiahui', 7.5, -8.5, 1.2],
    [104, '马屯镇', 'Matun', 8.5, 2],
    [105, '肖张镇', 'Xiaozhang', 4, 8.5, 1.1],
    [106, '张秀屯镇', 'Zhangxiutun', -4, -6.5],
    [107, '新屯镇', 'Xintun', 3, -14.5],
    [108, '唐林镇', 'Tanglin', 14, -3.5],
    [202, '王均乡', 'Wangjun', -5, -13],
    [204, '王常乡', 'Wangchang', 6, -21],
  ],
  '131122': [
    [100, '武邑镇', 'Wuyi', 0, 0, 4],
    [101, '清凉店镇', 'Qingliangdian', 12, -9, 1.4],
    [102, '审坡镇', 'Shenpo', 6, 11],
    [103, '赵桥镇', 'Zhaoqiao', 7, -3],
    [104, '韩庄镇', 'Hanzhuang', -8, 4],
    [105, '肖桥头镇', 'Xiaoqiaotou', 13, 3],
    [106, '龙店镇', 'Longdian', 16, 11],
    [201, '圈头乡', 'Quantou', -3.5, 11],
    [203, '大紫塔乡', 'Dazita', -1, -9],
  ],
  '131123': [
    [100, '武强镇', 'Wuqiang', 0, 0, 3.5],
    [101, '街关镇', 'Jieguan', -9, -6],
    [102, '周窝镇', 'Zhouwo', -2.5, -8, 1.3],
    [103, '东孙庄镇', 'Dongsunzhuang', 6, 7],
    [104, '豆村镇', 'Doucun', -9, 3],
    [201, '北代乡', 'Beidai', -3, 9.5],
  ],
  '131124': [
    [100, '饶阳镇', 'Raoyang', 0, 0, 3.5],
    [101, '大尹村镇', 'Dayincun', 9.5, 7, 1.2],
    [102, '五公镇', 'Wugong', -7.5, -5, 1.1],
    [103, '大官亭镇', 'Daguanting', -6, 8],
    [104, '王同岳镇', 'Wangtongyue', 2.5, 8.5],
    [105, '东里满镇', 'Dongliman', 4, -8],
    [106, '留楚镇', 'Liuchu', 11, -2],
  ],
  '131125': [
    [100, '安平镇', 'Anping', 0, 0, 5],
    [101, '马店镇', 'Madian', -5, -8.5],
    [102, '南王庄镇', 'Nanwangzhuang', 8, -6.5, 1.2],
    [103, '大子文镇', 'Daziwen', -10.5, -3],
    [104, '东黄城镇', 'Donghuangcheng', 8, 3, 1.5],
    [200, '大何庄乡', 'Dahezhuang', 1.5, -9],
    [201, '程油子乡', 'Chengyouzi', -10, 5],
    [202, '西两洼乡', 'Xiliangwa', 1, 8],
  ],
  '131126': [
    [100, '郑口镇', 'Zhengkou', 0, 0, 4.5],
    [101, '夏庄镇', 'Xiazhuang', -8, -12, 1.1],
    [102, '青罕镇', 'Qinghan', -8, -4, 1.3],
    [103, '故城镇', 'Gucheng', 21, 6, 1.3],
    [104, '武官寨镇', 'Wuguanzhai', -14, -8.5],
    [105, '饶阳店镇', 'Raoyangdian', 2, 11.5],
    [106, '军屯镇', 'Juntun', -1, 19],
    [107, '建国镇', 'Jianguo', 30, 13, 1.2],
    [108, '西半屯镇', 'Xibantun', -12, 2.5],
    [109, '房庄镇', 'Fangzhuang', 10, 13],
    [110, '三朗镇', 'Sanlang', 19, 14],
    [200, '辛庄乡', 'Xinzhuang', -5, 7.5],
    [201, '里老乡', 'Lilao', 11, 5],
  ],
  '131127': [
    [100, '景州镇', 'Jingzhou', 0, 0, 4.5],
    [101, '龙华镇', 'Longhua', -19, -9, 2],
    [102, '广川镇', 'Guangchuan', -27, -12.5, 1.2],
    [103, '王瞳镇', 'Wangtong', -7, -11],
    [104, '洚河流镇', 'Jiangheliu', 4, -8, 1.1],
    [105, '安陵镇', 'Anling', 17, -3],
    [106, '杜桥镇', 'Duqiao', 2, 9.5, 1.1],
    [107, '王谦寺镇', 'Wangqiansi', -3, -18],
    [108, '北留智镇', 'Beiliuzhi', 9, -4, 1.1],
    [109, '留智庙镇', 'Liuzhimiao', 8, -17],
    [110, '梁集镇', 'Liangji', 8.5, 4],
    [200, '刘集乡', 'Liuji', -7, 8],
    [201, '连镇乡', 'Lianzhen', 12, 13],
    [203, '温城乡', 'Wencheng', -12, -4],
    [204, '后留名府乡', 'Houliumingfu', -8, 1.5],
    [205, '青兰乡', 'Qinglan', -15, -15],
  ],
  '131128': [
    [100, '阜城镇', 'Fucheng', 0, 0, 3.5],
    [101, '古城镇', 'Gucheng Town', 8.5, 3.5, 1.1],
    [102, '码头镇', 'Matou', 15, 12],
    [103, '霞口镇', 'Xiakou', 16, 1.5],
    [104, '崔家庙镇', 'Cuijiamiao', 2.5, 13, 1.1],
    [105, '漫河镇', 'Manhe', -5, -6],
    [201, '建桥乡', 'Jianqiao', 8, 9.5],
    [202, '蒋坊乡', 'Jiangfang', -9, 2],
    [203, '大白乡', 'Dabai', -5, 9],
    [204, '王集乡', 'Wangji', 7.5, -5],
  ],
  '131182': [
    [100, '唐奉镇', 'Tangfeng', -21, -3, 1.1],
    [101, '深州镇', 'Shenzhou', 0, 0, 4.5],
    [102, '辰时镇', 'Chenshi', -11, -10, 1.1],
    [103, '榆科镇', 'Yuke', 18, 7],
    [104, '魏家桥镇', 'Weijiaqiao', 21, -3],
    [105, '大堤镇', 'Dadi', 13.5, -6],
    [106, '前磨头镇', 'Qianmotou', -1, -10.5, 1.2],
    [107, '王家井镇', 'Wangjiajing', -4, -18.5],
    [108, '护驾迟镇', 'Hujiachi', 6.5, -15],
    [109, '大屯镇', 'Datun', 7, -5],
    [110, '高古庄镇', 'Gaoguzhuang', 12.5, -12.5],
    [111, '北溪村镇', 'Beixicun', 15, 13.5],
    [112, '大冯营镇', 'Dafengying', -14, -4.5],
    [200, '兵曹乡', 'Bingcao', -15, 4],
    [201, '穆村乡', 'Mucun', -7, 2.5],
    [202, '东安庄乡', "Dong'anzhuang", 8, 8],
    [206, '乔屯乡', 'Qiaotun', 9, 1.5],
  ],
  '131171': [
    [201, '大麻森乡', 'Damasen', -6.5, 1.5, 1.6],
    [400, '高新技术产业开发区', 'High-tech Park', 0, 0, 3],
    [402, '苏正办事处', 'Suzheng', 4.5, -2, 1.6],
  ],
  '131172': [
    [101, '魏家屯镇', 'Weijiatun', 4, -7.5],
    [203, '彭杜村乡', 'Pengducun', -1, 1.5, 1.4],
  ],
};

/** In the order of the districts and codes. */
export const hengshuiTownships: readonly Township[] = hengshuiDistricts.flatMap((district) =>
  rows[district.code].map(([number, zh, en, eastKm, northKm]) => ({
    code: `${district.code}${String(number).padStart(3, '0')}`,
    zh,
    en: `${en}${zh.endsWith('街道') ? ' Subdistrict' : zh.endsWith('镇') ? ' Town' : zh.endsWith('乡') ? ' Township' : ''}`.replace(
      'Town Town',
      'Town',
    ),
    district: district.code,
    ...shifted(district, eastKm, northKm),
  })),
);

/** In the order of `hengshuiTownships`: people and industry. */
export const townshipWeights: readonly number[] = hengshuiDistricts.flatMap(({ code }) => rows[code].map((row) => row[5] ?? 1));

export const townshipsOf: Readonly<Record<string, readonly Township[]>> = Object.fromEntries(
  hengshuiDistricts.map(({ code }) => [code, hengshuiTownships.filter((township) => township.district === code)]),
);
