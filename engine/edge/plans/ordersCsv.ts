// Orders as a table for Excel: one row an order, in Chinese.

import { formatBeijing } from '../../domain/calendar.ts';
import type { Order } from '../../schema/order.ts';
import type { Level, Register } from '../../schema/register.ts';
import { type CsvEncoding, csvBytes } from './csvFile.ts';

const levelZh: Readonly<Record<Level, string>> = { yellow: '黄色', orange: '橙色', red: '红色' };
const actionZh: Readonly<Record<Order['action'], string>> = { stop: '停产', limit: '限产', transport: '运输管控' };

export const orderHeader = [
  '指令编号',
  '预警',
  '级别',
  '县市区',
  '企业编号',
  '企业名称',
  '绩效分级',
  '工序编号',
  '工序名称',
  '措施',
  '保留负荷(%)',
  '生效时间',
  '预计解除时间',
  '解除时间',
  '版本',
  '豁免批准人',
  '豁免理由',
  '内容',
  '内容（英文）',
] as const;

/** Beijing time, as Excel takes it for a time. */
const time = (ms: number | undefined) => (ms === undefined ? '' : formatBeijing(ms).slice(0, 16).replace('T', ' '));

export function ordersCsv(orders: readonly Order[], { enterprises, districts }: Register, encoding: CsvEncoding): Uint8Array {
  const enterpriseOf = new Map(enterprises.map((enterprise) => [enterprise.id, enterprise]));
  const countyOf = new Map(districts.map(({ code, zh }) => [code, zh]));
  const rows = orders.map((order) => {
    const enterprise = enterpriseOf.get(order.enterprise);
    const process = enterprise?.processes.find(({ id }) => id === order.process);
    return [
      order.id,
      order.warning,
      levelZh[order.level],
      enterprise === undefined ? '' : (countyOf.get(enterprise.district) ?? enterprise.district),
      order.enterprise,
      enterprise?.zh ?? '',
      enterprise?.grade ?? '',
      order.process ?? '',
      process?.zh ?? '',
      actionZh[order.action],
      order.toPct ?? '',
      time(order.effectiveMs),
      time(order.untilMs),
      time(order.liftedMs),
      order.revision,
      order.exemptBy ?? '',
      order.exemptWhy ?? '',
      order.zh,
      order.en,
    ];
  });
  return csvBytes([orderHeader, ...rows], encoding);
}
