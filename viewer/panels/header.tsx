// The head of the page: whose city, what time it is there, whether it is live.

import { clockText, secondText } from '../model/format.ts';
import { city, connection, live, nameOf, t, theme, toggleLanguage, toggleTheme } from '../store.ts';
import { EngineButton } from './engine.tsx';

function Connection() {
  const state = connection.value;
  const text = state.kind === 'live' || state.kind === 'connecting' ? t(state.kind) : sinceText(state);
  return (
    <span class={`connection ${state.kind}`} data-testid="connection" data-state={state.kind} role="status">
      {text}
    </span>
  );
}

function sinceText({ kind, sinceMs }: { readonly kind: 'quiet' | 'stale'; readonly sinceMs: number }): string {
  const since = `${t(kind)} ${clockText(sinceMs).slice(11)}`;
  return kind === 'stale' ? `${since} · ${t('reconnecting')}` : since;
}

export function Header() {
  const { nowMs, clock } = live.value;
  return (
    <header>
      <h1>
        {t('title')} <small>{city.value === undefined ? '' : nameOf(city.value.city)}</small>
      </h1>
      <span class="time">
        {clock === 'feed' ? t('simulatedTime') : t('wallTime')} <b>{nowMs === null ? '—' : secondText(nowMs)}</b>
      </span>
      <Connection />
      <EngineButton />
      <span class="spacer" />
      <button type="button" data-testid="theme" onClick={toggleTheme}>
        {theme.value === 'dark' ? t('light') : t('dark')}
      </button>
      <button type="button" data-testid="lang" onClick={toggleLanguage}>
        {t('otherLanguage')}
      </button>
    </header>
  );
}
