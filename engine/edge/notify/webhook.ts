// Incidents, warnings and orders for another system: signed POSTs, through the same spool as a mirror, so that an outage loses none.

import { createHmac } from 'node:crypto';
import type { Sink } from '../../pipeline/ports.ts';
import type { Incident } from '../../schema/incident.ts';
import type { Order } from '../../schema/order.ts';
import type { Warning } from '../../schema/warning.ts';
import { answered, sinkError } from '../store/sinkError.ts';

export interface WebhookOptions {
  /** http or https. */
  readonly url: string;
  /** Signs the body; undefined: unsigned. */
  readonly secret?: string;
  readonly nowMs?: () => number;
}

/** For the whole answer. */
const answerWithinMs = 15_000;
/** A thousand orders are less than a megabyte, which servers take. */
const newsPerPost = 1_000;

/** A warning or an order that is new or has changed. */
export type EmergencyNews = { readonly warning: Warning } | { readonly order: Order };

/**
 * `{"incidents":[…]}`, each with its `id` and `revision`: the same may come twice after a crash, and is known by both. Header
 * `x-lantian-signature: t=<epoch s>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` with the secret.
 */
export function webhookSink(options: WebhookOptions): Sink<Incident> {
  return postingSink(options, 'webhook', (post, incidents) => post({ incidents }));
}

/**
 * `{"type":"emergency","warnings":[…],"orders":[…]}`, signed and known again in the same way: a POST of its own, so that who reads
 * incidents alone sees no other fields, and who refuses these gets his incidents all the same. At most a thousand of both in one.
 */
export function emergencyWebhookSink(options: WebhookOptions): Sink<EmergencyNews> {
  return postingSink(options, 'emergency webhook', async (post, news) => {
    for (let from = 0; from < news.length; from += newsPerPost) {
      const part = news.slice(from, from + newsPerPost);
      await post({
        type: 'emergency',
        warnings: part.flatMap((each) => ('warning' in each ? [each.warning] : [])),
        orders: part.flatMap((each) => ('order' in each ? [each.order] : [])),
      });
    }
  });
}

type Post = (body: object) => Promise<void>;

function postingSink<Item>(
  { url, secret, nowMs = Date.now }: WebhookOptions,
  kind: string,
  send: (post: Post, items: readonly Item[]) => Promise<void>,
): Sink<Item> {
  const { origin, pathname } = new URL(url);
  const name = `${kind} ${origin}${pathname}`;

  async function post(body: string): Promise<void> {
    const seconds = Math.floor(nowMs() / 1000);
    const signature = secret === undefined ? undefined : sign(secret, seconds, body);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(signature === undefined ? {} : { 'x-lantian-signature': signature }),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const text = await response.text();
    if (response.ok) return;
    throw { statusCode: response.status, body: text, headers: { 'retry-after': response.headers.get('retry-after') ?? '' } };
  }

  return {
    name,
    async write(items) {
      try {
        await send((body) => answered(post(JSON.stringify(body)), answerWithinMs), items);
      } catch (error) {
        throw sinkError(name, error);
      }
    },
    close: async () => {},
  };
}

export function sign(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
