// Bounds of what one frame may hold, checked before anything is allocated.

export interface WireLimits {
  readonly frameBytesMax: number;
  readonly rowsMax: number;
  readonly sourcesMax: number;
  readonly idLengthMax: number;
  readonly textLengthMax: number;
}

export const defaultWireLimits: WireLimits = {
  frameBytesMax: 4 * 1024 * 1024,
  rowsMax: 65_536,
  sourcesMax: 65_536,
  idLengthMax: 64,
  textLengthMax: 2_000,
};
