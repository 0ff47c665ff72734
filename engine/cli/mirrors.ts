// The `--influx` and `--influx2` addresses as mirrors, the `--webhook` ones as webhooks.

import { type EmergencyNews, emergencyWebhookSink, webhookSink } from '../edge/notify/webhook.ts';
import { influx1Sink } from '../edge/store/influx1.ts';
import { influx2Sink } from '../edge/store/influx2.ts';
import type { Sink } from '../pipeline/ports.ts';
import type { Incident } from '../schema/incident.ts';
import { UsageError } from './usage.ts';

export function mirrorSinks(influx: readonly string[], influx2: readonly string[]): Sink[] {
  return [
    ...influx.map((url) => {
      checkUrl('--influx', url, 'http://user:password@host:8086/database');
      return influx1Sink({ url });
    }),
    ...influx2.map((url) => {
      const { origin, password, pathname } = checkUrl('--influx2', url, 'http://:token@host:8086/org/bucket');
      const [org = '', bucket = ''] = pathname
        .split('/')
        .filter((part) => part !== '')
        .map(decodeURIComponent);
      if (bucket === '') throw new UsageError(`--influx2 is "${url}"; allowed: http://:token@host:8086/org/bucket`);
      return influx2Sink({ url: origin, token: decodeURIComponent(password), org, bucket });
    }),
  ];
}

export interface Webhooks {
  readonly webhooks: readonly Sink<Incident>[];
  readonly emergencyWebhooks: readonly Sink<EmergencyNews>[];
}

/** Two to each address: of incidents, of warnings and orders. An empty secret is none. */
export function webhookSinks(urls: readonly string[], secret: string | undefined): Webhooks {
  for (const url of urls) checkUrl('--webhook', url, 'https://host/path');
  const each = urls.map((url) => ({ url, ...(secret === undefined || secret === '' ? {} : { secret }) }));
  return { webhooks: each.map(webhookSink), emergencyWebhooks: each.map(emergencyWebhookSink) };
}

function checkUrl(flag: string, text: string, allowed: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  }
  throw new UsageError(`${flag} is "${text}"; allowed: ${allowed}`);
}
