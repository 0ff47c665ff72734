// What the plan check assumes, in words: for whoever reads its result.

import type { Emission } from '../../schema/register.ts';
import type { Text } from '../../schema/says.ts';
import { type CheckSettings, type CutEdition, type SectorId, sectorIds } from './checkSettings.ts';

export function assumptions({ usualHours, usualLoad, sectors, trucksPct }: CheckSettings, rule: CutEdition): Text[] {
  const { continuous, three, two, day } = usualHours;
  const list = (of: Emission) => `SO2 ${of.so2}, NOx ${of.nox}, PM ${of.pm}, VOCs ${of.voc}`;
  return [
    { zh: `要求减排比例（${rule.zh}）来源：${rule.remark.zh}`, en: `required cuts (${rule.en}): ${rule.remark.en}` },
    {
      zh: `企业基数：正常工作日，连续${continuous} h、三班${three} h、两班${two} h、单班${day} h，负荷${usualLoad * 100}%，治理设施正常 [P]；排放与产量成正比 [P]`,
      en: `enterprises: a usual working day of ${continuous} h (continuous), ${three}, ${two} (shifts), ${day} h (day) at ${usualLoad * 100} % load, treatment working [P]; emission goes with production [P]`,
    },
    {
      zh: '按将下达的指令计算，并假定全部执行；停产工序按零排放计 [P]',
      en: 'counted is what would be ordered, and that everyone obeys; a stopped process gives off nothing [P]',
    },
    ...sectorIds.map((id) => sectorAssumption(sectors[id], list)),
    {
      zh: `企业运输管控减少机动车排放的 ${list(trucksPct)} %（全部企业执行时）[P]`,
      en: `trucks of China IV and below to enterprises are ${list(trucksPct)} % of the vehicles' emission [P]`,
    },
    {
      zh: '各行业排放按网格员（无则乡镇）数量分到各县市区 [P]；法定要求针对全市，县级结果供参考',
      en: 'sectors are split over counties by their grid inspectors, or townships [P]; the law asks it of the city, counties are for orientation',
    },
  ];
}

function sectorAssumption(
  { zh, en, sharePct, tpd, cutPct, remark }: CheckSettings['sectors'][SectorId],
  list: (of: Emission) => string,
): Text {
  return tpd === undefined
    ? {
        zh: `${zh}：占全社会排放 ${list(sharePct)} %，各级减排比例 ${cuts(cutPct)} % [P]；${remark.zh}`,
        en: `${en}: ${list(sharePct)} % of all, cut by ${cuts(cutPct)} % at yellow, orange, red [P]; ${remark.en}`,
      }
    : {
        zh: `${zh}：${list(tpd)} t/d（本市清单），各级减排比例 ${cuts(cutPct)} % [P]；${remark.zh}`,
        en: `${en}: ${list(tpd)} t/d (inventory), cut by ${cuts(cutPct)} % at yellow, orange, red [P]; ${remark.en}`,
      };
}

const cuts = ({ yellow, orange, red }: CheckSettings['sectors'][SectorId]['cutPct']): string => `${yellow}/${orange}/${red}`;
