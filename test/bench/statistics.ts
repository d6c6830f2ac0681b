/** The value that the share (0 to 1) of the values does not exceed, interpolated between neighbours. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export interface Spread {
  readonly least: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread {
  return { least: Math.min(...values), most: Math.max(...values) };
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** How much of the variance the line explains, from 0 to 1. */
  readonly fit: number;
}

/** The straight line with the least squares through the points. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const spreadX = sum(points.map(([x]) => (x - meanX) ** 2));
  const spreadY = sum(points.map(([, y]) => (y - meanY) ** 2));
  const together = sum(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  const slope = together / spreadX;
  return { slope, intercept: meanY - slope * meanX, fit: spreadY === 0 ? 1 : together ** 2 / (spreadX * spreadY) };
}

/** The power of x that y grows with: 1 is linear, 0 is flat. All numbers must be positive. */
export function fitExponent(points: readonly (readonly [x: number, y: number])[]): number {
  return fitLine(points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)).slope;
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
