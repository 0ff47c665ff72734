// What is wrong with the engine now, in words, the worst first.

import { catalog } from '../../engine/schema/catalog.ts';
import type { HealthAnswer, WatermarksAnswer } from '../../engine/schema/live.ts';
import { bytesText, durationText } from '../model/format.ts';
import { type Language, textOf } from '../text.ts';

export interface Trouble {
  readonly level: 'error' | 'warning';
  readonly text: string;
}

export function troublesOf(health: HealthAnswer, watermarks: WatermarksAnswer, language: Language): readonly Trouble[] {
  const error = (text: string): Trouble => ({ level: 'error', text });
  const warning = (text: string): Trouble => ({ level: 'warning', text });
  const { diskFull, ingest, stores } = health;
  const found: Trouble[] = [];
  if (diskFull.length > 0) found.push(error(textOf('diskFull', language, { files: diskFull.join(', ') })));
  if (ingest !== undefined && ingest.shed.length > 0)
    found.push(error(textOf('shed', language, { feeds: ingest.shed.join(', ') })));
  for (const { name, ok, spoolBytes, oldestMs = 0, failed, lastError } of stores) {
    if (spoolBytes === undefined) {
      if (!ok) found.push(error(textOf('storeFailed', language, { name, lastError: lastError ?? '' })));
      continue;
    }
    const waits = { lastError: lastError ?? name, waiting: bytesText(spoolBytes), since: durationText(oldestMs, language) };
    if (!ok) found.push(warning(textOf('mirrorDown', language, waits)));
    if (failed > 0) found.push(warning(textOf('mirrorRefused', language, { name, points: String(failed) })));
  }
  if (ingest !== undefined && ingest.heldBack > 0)
    found.push(warning(textOf('heldBack', language, { feeds: String(ingest.heldBack) })));
  for (const { kind, silent, lagging, wrongClocks } of watermarks.kinds) {
    const of = (key: 'silentSources' | 'laggingSources' | 'wrongClocks', count: number) => {
      if (count > 0) found.push(warning(textOf(key, language, { kind: catalog[kind][language], count: String(count) })));
    };
    of('silentSources', silent);
    of('laggingSources', lagging);
    of('wrongClocks', wrongClocks);
  }
  return found;
}
