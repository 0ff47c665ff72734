// Pollution episodes of an hourly PM2.5 series, as in SIMULATION.md section 4: above 75, over after six hours at or below it.

export interface Episode {
  /** From the first hour above the limit to the last one. */
  readonly durationH: number;
  readonly peak: number;
  /** Mean from the first hour to the peak, µg/m³ an hour; NaN where the first hour is the peak. */
  readonly growthPerH: number;
  /** From the hour before it to six hours after it, so that the clean-up belongs to it. */
  readonly rise3h: number;
  readonly fall3h: number;
}

/** µg/m³: the upper edge of the air quality index's class II for a day, and of class IV for the peak (HJ 633-2012) [K]. */
export const episodeLimit = 75;
export const episodePeakMin = 150;
const quietHours = 6;
const changeHours = 3;

/**
 * Episodes that begin and end inside `hourly` and reach `peakMin`. A gap (NaN) is neither above nor below; six hours of it
 * cut the series in two, and what touches a cut is left out.
 */
export function episodesOf(hourly: ArrayLike<number>, peakMin = episodePeakMin): Episode[] {
  const episodes: Episode[] = [];
  let first = -1;
  let last = -1;
  let quiet = 0;
  let missing = 0;
  // What is above before six quiet hours have been seen may have begun before the series.
  let isCut = true;
  for (let hour = 0; hour < hourly.length; hour++) {
    if (Number.isNaN(hourly[hour])) {
      missing += 1;
      if (missing === quietHours) {
        isCut = true;
        first = -1;
        quiet = 0;
      }
      continue;
    }
    missing = 0;
    if (hourly[hour] > episodeLimit) {
      if (first < 0) first = hour;
      last = hour;
      quiet = 0;
      continue;
    }
    quiet += 1;
    if (quiet < quietHours) continue;
    if (first >= 0 && !isCut) {
      const episode = episodeOf(hourly, first, last);
      if (episode.peak >= peakMin) episodes.push(episode);
    }
    isCut = false;
    first = -1;
  }
  return episodes;
}

function episodeOf(hourly: ArrayLike<number>, first: number, last: number): Episode {
  // The first hour is above the limit, so it is no gap.
  let top = first;
  for (let hour = first; hour <= last; hour++) if (hourly[hour] > hourly[top]) top = hour;
  let rise3h = Number.NEGATIVE_INFINITY;
  let fall3h = Number.NEGATIVE_INFINITY;
  for (let hour = Math.max(first, changeHours); hour <= last + quietHours && hour < hourly.length; hour++) {
    const change = hourly[hour] - hourly[hour - changeHours];
    if (change > rise3h) rise3h = change;
    if (-change > fall3h) fall3h = -change;
  }
  return {
    durationH: last - first + 1,
    peak: hourly[top],
    growthPerH: top > first ? (hourly[top] - hourly[first]) / (top - first) : Number.NaN,
    rise3h,
    fall3h,
  };
}
