// Breakpoints of the air-quality index as versioned data: HJ 633-2012 and HJ 633-2026, table 1.

/** Concentration series that have a column in the table. */
export type AqiItem =
  | 'so2_24h'
  | 'so2_1h'
  | 'no2_24h'
  | 'no2_1h'
  | 'pm10_24h'
  | 'co_24h'
  | 'co_1h'
  | 'o3_1h'
  | 'o3_8h'
  | 'pm25_24h';

/** IAQI at each row of the tables. */
export const iaqiAxis: readonly number[] = [0, 50, 100, 150, 200, 300, 400, 500];

/** µg/m³, CO mg/m³. A shorter column ends where the standard gives no further value. */
export type AqiTable = Readonly<Record<AqiItem, readonly number[]>>;

export const table2012: AqiTable = {
  so2_24h: [0, 50, 150, 475, 800, 1600, 2100, 2620],
  so2_1h: [0, 150, 500, 650, 800],
  no2_24h: [0, 40, 80, 180, 280, 565, 750, 940],
  no2_1h: [0, 100, 200, 700, 1200, 2340, 3090, 3840],
  pm10_24h: [0, 50, 150, 250, 350, 420, 500, 600],
  co_24h: [0, 2, 4, 14, 24, 36, 48, 60],
  co_1h: [0, 5, 10, 35, 60, 90, 120, 150],
  o3_1h: [0, 160, 200, 300, 400, 800, 1000, 1200],
  o3_8h: [0, 100, 160, 215, 265, 800],
  pm25_24h: [0, 35, 75, 115, 150, 250, 350, 500],
};

/** In force from 2026-03-01. Only PM10 and PM2.5 at IAQI 100 differ. */
export const table2026: AqiTable = {
  ...table2012,
  pm10_24h: [0, 50, 120, 250, 350, 420, 500, 600],
  pm25_24h: [0, 35, 60, 115, 150, 250, 350, 500],
};
