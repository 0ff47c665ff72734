// What an order says, in Chinese and English: who, which process, what, from when to when in Beijing time, and what became of it.

import type { Order, PlannedEnterprise, PlannedProcess } from '../../schema/order.ts';
import type { Measure } from '../../schema/register.ts';
import type { Text } from '../../schema/says.ts';
import { formatBeijing } from '../calendar.ts';

export type OrderFields = Omit<Order, 'zh' | 'en'>;

/** Who has to do what: the part of the text that needs the register. */
function headOf(enterprise: PlannedEnterprise, process: PlannedProcess | undefined, { action, toPct }: Measure): Text {
  if (action === 'transport' || process === undefined)
    return {
      zh: `${enterprise.zh}：停止使用国四及以下重型货车（含燃气）运输`,
      en: `${enterprise.en}: no transport by heavy trucks of China IV and below (gas included)`,
    };
  const zh = `${enterprise.zh}：${process.zh}（${process.id}）`;
  const of = `${process.en} (${process.id})`;
  return action === 'stop'
    ? { zh: `${zh}停止生产`, en: `${enterprise.en}: stop ${of}` }
    : {
        zh: `${zh}限产，产量不超过正常的${toPct}%`,
        en: `${enterprise.en}: limit ${of} to ${toPct} % of its usual production`,
      };
}

function hourText(ms: number): Text {
  const text = formatBeijing(ms);
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const clock = text.slice(11, 16);
  return { zh: `${year}年${month}月${day}日${clock}`, en: `${text.slice(0, 10)} ${clock}` };
}

export interface OrderTexts {
  /** The whole order, of who has to do what. */
  told(fields: OrderFields, enterprise: PlannedEnterprise, process: PlannedProcess | undefined, measure: Measure): Order;
  /** An order with other hours or another fate: who has to do what is kept from its text. */
  retold(order: Order, fields: OrderFields): Order;
}

/** For many orders at once: thousands have the same hours, which are put into words once. */
export function orderTexts(): OrderTexts {
  const hours = new Map<number, Text>();
  function hour(ms: number): Text {
    const known = hours.get(ms);
    if (known !== undefined) return known;
    const text = hourText(ms);
    hours.set(ms, text);
    return text;
  }

  /** When, and what became of it: follows from the order's own fields, so that it can be taken off and written anew. */
  function tail({ effectiveMs, untilMs, liftedMs, exemptBy, exemptWhy }: OrderFields): Text {
    const from = hour(effectiveMs);
    let zh = `，自${from.zh}起执行，`;
    let en = `, from ${from.en}`;
    if (untilMs === undefined) {
      zh += '至通知解除为止（北京时间）';
      en += ' until it is lifted (Beijing time)';
    } else {
      const until = hour(untilMs);
      zh += `预计至${until.zh}（北京时间）`;
      en += `, expected until ${until.en} (Beijing time)`;
    }
    if (exemptBy !== undefined) {
      zh += `；经${exemptBy}批准不执行：${exemptWhy ?? ''}`;
      en += `; not to be carried out, approved by ${exemptBy}: ${exemptWhy ?? ''}`;
    }
    if (liftedMs !== undefined) {
      const lifted = hour(liftedMs);
      zh += `；已于${lifted.zh}解除`;
      en += `; lifted at ${lifted.en}`;
    }
    return { zh, en };
  }

  return {
    told(fields, enterprise, process, measure) {
      const head = headOf(enterprise, process, measure);
      const { zh, en } = tail(fields);
      return { ...fields, zh: head.zh + zh, en: head.en + en };
    },
    retold(order, fields) {
      const [old, now] = [tail(order), tail(fields)];
      return { ...fields, zh: without(order.zh, old.zh) + now.zh, en: without(order.en, old.en) + now.en };
    },
  };
}

function without(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
}
