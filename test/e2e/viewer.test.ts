import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtViewer } from '../../engine/cli/viewerBuild.ts';
import type { Serving } from '../../engine/serve.ts';
import { connectFeed, type FeedClient } from '../../simulator/feedClient.ts';
import { drive, simulateSteps } from '../../simulator/simulate.ts';
import { airRegister, nightScenario, startEngine } from '../harness/engine.ts';
import { describeWith, launchChromium } from '../harness/servers.ts';

const scenario = nightScenario('3h');
const lastMs = scenario.startMs + scenario.durationMs;

describeWith('chromium', 'the viewer in Chromium', () => {
  let engine: Serving;
  let client: FeedClient;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    engine = await startEngine({ viewerDir: await builtViewer(), settings: { edition: 'cnemc' } });
    client = await connectFeed({ url: engine.url, feed: 'sim', clock: 'feed', format: 'columns', epoch: '1' });
    await drive(client, simulateSteps(scenario, airRegister), { speed: 'max' });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(engine.url);
    await page.getByTestId('city-aqi').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    client?.close();
    await engine?.close();
  });

  test('the city card shows what the engine computed', async () => {
    const [hour] = await engine.run.history!.hours({ scope: 'city', fromMs: lastMs - 2 * 3_600_000, toMs: lastMs });
    expect(await page.getByTestId('city-aqi').textContent()).toBe(String(hour.aqi));
    expect(await page.getByTestId('connection').getAttribute('data-state')).toBe('live');
  });

  test('the list has all stations, the worst first', async () => {
    expect(await page.getByTestId('station-list').locator('li').count()).toBe(162);
    const numbers = await page.getByTestId('station-list').locator('.badge b').allTextContents();
    // A station that is down has no index, and stands at the end.
    expect(numbers.length).toBeGreaterThan(155);
    expect(numbers.map(Number)).toEqual(numbers.map(Number).sort((a, b) => b - a));
  });

  test('the chart is drawn and its legend has the number of the last closed hour: a national station sends no minutes', async () => {
    const canvas = page.locator('[data-testid=chart] canvas');
    await canvas.waitFor();
    const painted = await canvas.evaluate((element: HTMLCanvasElement) => {
      const { data } = element.getContext('2d')!.getImageData(0, 0, element.width, element.height);
      const seen = new Set<number>();
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 200) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return {
        colors: seen.size,
        line: [...seen].some((color) => Math.abs((color >> 16) - 0x1e) < 12 && Math.abs((color & 255) - 0xe5) < 12),
      };
    });
    expect(painted.line).toBe(true);
    const { series } = await engine.run.history!.series({
      kind: 'air',
      sources: ['1074A'],
      metrics: ['pm25'],
      size: '1h',
      fromMs: lastMs - 2 * 3_600_000,
      toMs: lastMs,
    });
    const last = series[0].mean.filter((value) => value !== null).at(-1) as number;
    await expect.poll(() => page.getByTestId('legend').textContent()).toContain(`${last.toFixed(1)} µg/m³`);
  });

  test('a live value arrives', async () => {
    await client.send({
      kind: 'air',
      rows: 1,
      periodMs: 0,
      sources: ['1074A'],
      source: Uint16Array.of(0),
      time: Float64Array.of(lastMs + 1000),
      values: { pm25: Float32Array.of(432.1) },
    });
    await client.tick(lastMs + 2000);
    await expect.poll(() => page.getByTestId('station-1074A').textContent()).toContain('432.1');
  });

  test('the engine panel tells whose clock is off, and by how much', async () => {
    const button = page.getByTestId('engine-button');
    const bad = { kind: 'air', rows: 1, periodMs: 0, sources: ['1075A'], source: Uint16Array.of(0) } as const;
    await client.send({ ...bad, time: Float64Array.of(lastMs + 86_400_000), values: { pm25: Float32Array.of(1) } });
    await client.tick(lastMs + 3000);
    await expect.poll(() => button.getAttribute('data-level'), { timeout: 10_000 }).toBe('warning');
    await button.click();
    await expect
      .poll(() => page.getByTestId('troubles').textContent(), { timeout: 10_000 })
      .toMatch(/(^|\D)1 个时钟偏差超过1分钟/);
    expect(await page.getByTestId('clocks-off').textContent()).toContain('1075A +24小时');
    await button.click();
    expect(await page.getByTestId('engine').count()).toBe(0);
  });

  test('the language switches, and with it every name', async () => {
    expect(await page.getByTestId('station-1074A').textContent()).toContain('电机北厂');
    await page.getByTestId('lang').click();
    expect(await page.getByTestId('station-1074A').textContent()).toContain('Dianji Beichang');
    expect(await page.textContent('h1')).toContain('Lantian');
    await page.getByTestId('lang').click();
  });

  test('another pollutant is loaded from history', async () => {
    await page.getByTestId('metric-o3').click();
    await expect.poll(() => page.getByTestId('chart').textContent()).toContain('O₃ µg/m³'.slice(0, 2));
    await expect.poll(() => page.getByTestId('legend').textContent()).toContain('µg/m³');
  });

  test('when the engine is gone the page says so and since when', async () => {
    await engine.close();
    await expect.poll(() => page.getByTestId('connection').getAttribute('data-state')).toBe('stale');
    expect(await page.getByTestId('connection').textContent()).toMatch(/停在 \d\d:\d\d/);
    expect(errors).toEqual([]);
  });
});
