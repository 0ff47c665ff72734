// The stations, the worst first; picking one puts it on the chart.

import { clockText, valueText } from '../model/format.ts';
import { isOldRow } from '../model/freshness.ts';
import type { Station } from '../model/stations.ts';
import { city, filterDistrict, filterText, live, nameOf, picked, rows, t, togglePicked } from '../store.ts';
import { AqiBadge } from './aqiBadge.tsx';

export function StationList() {
  return (
    <section class="card stations">
      <h2>
        {t('stations')} <small>{rows.value.length}</small>
      </h2>
      <div class="filters">
        <input
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          value={filterText.value}
          onInput={(event) => {
            filterText.value = event.currentTarget.value;
          }}
        />
        <select
          aria-label={t('allDistricts')}
          value={filterDistrict.value}
          onChange={(event) => {
            filterDistrict.value = event.currentTarget.value;
          }}
        >
          <option value="">{t('allDistricts')}</option>
          {(city.value?.districts ?? []).map((district) => (
            <option key={district.code} value={district.code}>
              {nameOf(district)}
            </option>
          ))}
        </select>
      </div>
      {rows.value.length === 0 ? <p class="empty">{t('noMatch')}</p> : null}
      <ul data-testid="station-list">
        {rows.value.map(({ station, hour }) => (
          <li key={station.id}>
            <label data-testid={`station-${station.id}`}>
              <input type="checkbox" checked={picked.value.includes(station.id)} onChange={() => togglePicked(station.id)} />
              <span class="name">
                {nameOf(station)} {station.national ? <small>★</small> : null}
              </span>
              <LatestValue station={station} />
              <AqiBadge aqi={hour?.aqi} />
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The newest raw value; one that stopped coming is struck out, not passed off as new. */
function LatestValue({ station }: { readonly station: Station }) {
  const latest = live.value.latest.get(station.id);
  const isOld = latest !== undefined && isOldRow(latest, live.value.nowMs, station.national ?? false);
  return (
    <span class={`latest ${isOld ? 'old' : ''}`} title={isOld ? `${t('outdated')} ${clockText(latest.eventMs)}` : undefined}>
      PM2.5 {isOld ? <s>{valueText(latest.values.pm25, 'pm25')}</s> : valueText(latest?.values.pm25, 'pm25')}
    </span>
  );
}
