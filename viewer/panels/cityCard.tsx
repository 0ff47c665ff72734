// The city now: index, class, primary pollutant, concentrations; the districts beside it.

import { aqiClass } from '../../engine/domain/aqi.ts';
import { hourText, inkOn, valueText } from '../model/format.ts';
import { isOldHour } from '../model/freshness.ts';
import { city, cityHour, filterDistrict, freshHour, language, live, nameOf, t } from '../store.ts';
import { pollutantName, pollutants, pollutantUnit } from './airText.ts';
import { AqiBadge } from './aqiBadge.tsx';

export function CityCard() {
  const hour = cityHour.value;
  if (hour === undefined) {
    return (
      <section class="card city">
        <h2>{t('cityAqi')}</h2>
        <p class="empty">{t('waiting')}</p>
      </section>
    );
  }
  const isOld = isOldHour(hour, live.value.nowMs);
  const found = hour.aqi === null ? undefined : aqiClass(hour.aqi);
  const style = found === undefined ? {} : { background: found.hex, color: inkOn(found.hex) };
  const primary = hour.primary.length > 0 ? hour.primary.map(pollutantName).join('、') : t('none');
  return (
    <section class={`card city ${isOld ? 'old' : ''}`}>
      <h2>{t('cityAqi')}</h2>
      <div class="now" style={style}>
        <span class="aqi" data-testid="city-aqi">
          {hour.aqi ?? t('notAvailable')}
        </span>
        <span data-testid="city-class">{found === undefined ? '' : language.value === 'zh' ? found.zh : found.en}</span>
      </div>
      <dl>
        <dt>{t('primary')}</dt>
        <dd data-testid="city-primary">{primary}</dd>
        <dt>{t('rolling24')}</dt>
        <dd>{hour.aqi24 ?? t('notAvailable')}</dd>
        <dt>{t('hourOf')}</dt>
        <dd>
          {hourText(hour.startMs)} {hour.revision > 0 ? <em>{t('corrected')}</em> : null}
          {isOld ? <strong class="warn"> {t('outdated')}</strong> : null}
        </dd>
        <dt>{t('stationsValid')}</dt>
        <dd>
          {hour.stations}/{hour.stationsAll}
        </dd>
      </dl>
      <table>
        <thead>
          <tr>
            <th />
            <td />
            <td class="iaqi">{t('iaqi')}</td>
          </tr>
        </thead>
        <tbody>
          {pollutants.map((id) => (
            <tr key={id}>
              <th scope="row">{pollutantName(id)}</th>
              <td>
                {valueText(hour.mean[id], id)} <small>{pollutantUnit(id)}</small>
              </td>
              <td class="iaqi">{hour.iaqi[id] ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Districts() {
  const ranked = (city.value?.districts ?? [])
    .map((district) => ({ district, hour: freshHour('district', district.code) }))
    .sort((a, b) => (b.hour?.aqi ?? -1) - (a.hour?.aqi ?? -1));
  return (
    <section class="card districts">
      <h2>{t('districts')}</h2>
      <ul>
        {ranked.map(({ district, hour }) => (
          <li key={district.code}>
            <button
              type="button"
              aria-pressed={filterDistrict.value === district.code}
              onClick={() => {
                filterDistrict.value = filterDistrict.value === district.code ? '' : district.code;
              }}
            >
              {nameOf(district)} <AqiBadge aqi={hour?.aqi} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
