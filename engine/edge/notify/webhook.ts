// Incidents for another system: signed POSTs, through the same spool as a mirror, so that an outage loses none.

import { createHmac } from 'node:crypto';
import type { Sink } from '../../pipeline/ports.ts';
import type { Incident } from '../../schema/incident.ts';
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

/**
 * `{"incidents":[…]}`, each with its `id` and `revision`: the same may come twice after a crash, and is known by both. Header
 * `x-lantian-signature: t=<epoch s>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` with the secret.
 */
export function webhookSink({ url, secret, nowMs = Date.now }: WebhookOptions): Sink<Incident> {
  const { origin, pathname } = new URL(url);
  const name = `webhook ${origin}${pathname}`;

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
    async write(incidents) {
      try {
        await answered(post(JSON.stringify({ incidents })), answerWithinMs);
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
