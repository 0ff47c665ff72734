// An index with its class: by colour, by number and by name, so that nobody depends on colour.

import { aqiClass } from '../../engine/domain/aqi.ts';
import { inkOn } from '../model/format.ts';
import { language, t } from '../store.ts';

export function AqiBadge({ aqi }: { readonly aqi: number | null | undefined }) {
  const found = aqi === null || aqi === undefined ? undefined : aqiClass(aqi);
  if (found === undefined) return <span class="badge none">{t('notAvailable')}</span>;
  return (
    <span class="badge" style={{ background: found.hex, color: inkOn(found.hex) }}>
      <b>{aqi}</b> <small>{language.value === 'zh' ? found.zh : found.en}</small>
    </span>
  );
}
