// The stations, the worst first; picking one puts it on the chart.

import { valueText } from '../model/format.ts';
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
              <span class="latest">PM2.5 {valueText(live.value.latest.get(station.id)?.values.pm25, 'pm25')}</span>
              <AqiBadge aqi={hour?.aqi} />
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
