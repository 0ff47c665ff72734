// The page.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { Chart } from './panels/chart.tsx';
import { CityCard, Districts } from './panels/cityCard.tsx';
import { EnginePanel } from './panels/engine.tsx';
import { Header } from './panels/header.tsx';
import { StationList } from './panels/stationList.tsx';
import { connection, language, start, theme } from './store.ts';
import './style.css';

function Page() {
  return (
    <div class={`page ${connection.value.kind}`}>
      <Header />
      <EnginePanel />
      <main>
        <div class="side">
          <CityCard />
          <Districts />
        </div>
        <Chart />
        <StationList />
      </main>
    </div>
  );
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
});
start();
render(<Page />, document.getElementById('app') as HTMLElement);
