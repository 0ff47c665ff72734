// Names and units of pollutants as they are shown.

export const pollutants = ['pm25', 'pm10', 'o3', 'no2', 'so2', 'co'] as const;

const names: Readonly<Record<string, string>> = {
  pm25: 'PM2.5',
  pm10: 'PM10',
  o3: 'O₃',
  no2: 'NO₂',
  so2: 'SO₂',
  co: 'CO',
  aqi: 'AQI',
};

export const pollutantName = (id: string) => names[id] ?? id;
export const pollutantUnit = (id: string) => (id === 'aqi' ? '' : id === 'co' ? 'mg/m³' : 'µg/m³');
