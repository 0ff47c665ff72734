// How the engine does: what is wrong, who holds time back, whose clock is off, what is flagged, what stores do.

import { catalog } from '../../engine/schema/catalog.ts';
import { type FlagName, flagTexts } from '../../engine/schema/flags.ts';
import type { HealthAnswer, WatermarksAnswer } from '../../engine/schema/live.ts';
import { bytesText, durationText } from '../model/format.ts';
import { engine, isEngineShown, language, t } from '../store.ts';
import { troublesOf } from './troubles.ts';

/** In the head of the page: whether all is well; opens the panel. */
export function EngineButton() {
  const state = engine.value;
  const found = state === undefined ? [] : troublesOf(state.health, state.watermarks, language.value);
  const level = state === undefined ? 'unknown' : found.length === 0 ? 'good' : (found.find(isError) ?? found[0]).level;
  return (
    <button
      type="button"
      class={`engine-button ${level}`}
      data-testid="engine-button"
      data-level={level}
      aria-expanded={isEngineShown.value}
      title={found.map(({ text }) => text).join('\n')}
      onClick={() => {
        isEngineShown.value = !isEngineShown.value;
      }}
    >
      {level === 'unknown'
        ? t('engine')
        : level === 'good'
          ? t('engineGood')
          : t('engineTroubles', { count: String(found.length) })}
    </button>
  );
}

const isError = ({ level }: { readonly level: string }) => level === 'error';

export function EnginePanel() {
  const state = engine.value;
  if (!isEngineShown.value) return null;
  if (state === undefined) return <section class="card engine">{t('loading')}</section>;
  const { health, watermarks, flags } = state;
  return (
    <section class="card engine" data-testid="engine">
      <div>
        <h2>{t('engine')}</h2>
        <Troubles health={health} watermarks={watermarks} />
        <Flags counts={flags.counts} />
      </div>
      <Kinds watermarks={watermarks} />
      <Stores stores={health.stores} />
    </section>
  );
}

function Troubles({ health, watermarks }: { readonly health: HealthAnswer; readonly watermarks: WatermarksAnswer }) {
  const found = troublesOf(health, watermarks, language.value);
  if (found.length === 0) return <p class="empty">{t('engineGood')}</p>;
  return (
    <ul data-testid="troubles">
      {found.map(({ level, text }) => (
        <li key={text} class={level}>
          {text}
        </li>
      ))}
    </ul>
  );
}

/** Values of the newest minute, or hour, that a check has flagged. */
function Flags({ counts }: { readonly counts: Readonly<Record<string, number>> }) {
  const names = Object.keys(counts).filter((name) => counts[name] > 0) as FlagName[];
  return (
    <>
      <h2>{t('flaggedNow')}</h2>
      <p class="chips">
        {names.length === 0 ? <span class="empty">{t('none')}</span> : null}
        {names.map((name) => (
          <span key={name} class="chip">
            {flagTexts[name][language.value]} <b>{counts[name]}</b>
          </span>
        ))}
      </p>
    </>
  );
}

function Kinds({ watermarks: { kinds } }: { readonly watermarks: WatermarksAnswer }) {
  const duration = (ms: number) => durationText(ms, language.value);
  const off = kinds.flatMap(({ clocksOff }) => clocksOff);
  const lagging = kinds.flatMap(({ laggingSources }) => laggingSources);
  return (
    <div>
      <table>
        <thead>
          <tr>
            <th>{t('sources')}</th>
            <td>{t('active')}</td>
            <td>{t('lagging')}</td>
            <td>{t('silent')}</td>
            <td title={t('watermarkHint')}>{t('watermark')}</td>
            <td>{t('clockOff')}</td>
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ kind, active, lagging: lag, silent, behindMs, wrongClocks }) => (
            <tr key={kind}>
              <th scope="row">{catalog[kind][language.value]}</th>
              <td>{active}</td>
              <Count count={lag} />
              <Count count={silent} />
              <td>−{duration(behindMs)}</td>
              <Count count={wrongClocks} />
            </tr>
          ))}
        </tbody>
      </table>
      <Named title={t('clockOff')} testId="clocks-off">
        {off.map(({ source, offsetMs }) => `${source} ${offsetMs > 0 ? '+' : '−'}${duration(Math.abs(offsetMs))}`)}
      </Named>
      <Named title={t('lagging')} testId="lagging">
        {lagging.map(({ source, behindMs }) => `${source} ${behindMs === null ? '—' : `−${duration(behindMs)}`}`)}
      </Named>
    </div>
  );
}

function Count({ count }: { readonly count: number }) {
  return <td class={count > 0 ? 'warn' : ''}>{count}</td>;
}

const namedMax = 10;

function Named({ title, testId, children }: { readonly title: string; readonly testId: string; readonly children: string[] }) {
  if (children.length === 0) return null;
  return (
    <p class="chips" data-testid={testId}>
      {title}
      {children.slice(0, namedMax).map((text) => (
        <span key={text} class="chip">
          {text}
        </span>
      ))}
      {children.length > namedMax ? '…' : null}
    </p>
  );
}

function Stores({ stores }: { readonly stores: HealthAnswer['stores'] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>{t('stores')}</th>
          <td>{t('storeWritten')}</td>
          <td>{t('storeWaiting')}</td>
          <td>{t('storeSpool')}</td>
          <td>{t('storeFailedCount')}</td>
        </tr>
      </thead>
      <tbody>
        {stores.map(({ name, ok, written, queued, spoolBytes, failed, lastError }) => (
          <tr key={name} title={lastError}>
            <th scope="row" class={ok ? '' : 'warn'}>
              {ok ? '●' : '○'} {name}
            </th>
            <td>{written.toLocaleString(language.value)}</td>
            <td>{queued.toLocaleString(language.value)}</td>
            <td>{spoolBytes === undefined ? '—' : bytesText(spoolBytes)}</td>
            <Count count={failed} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
