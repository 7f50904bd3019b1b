/** Amounts in words, the same on every page. */

const bytesUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** 1,536 -> "1.5 kB": decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < bytesUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${unit === 0 && value === 1 ? 'byte' : (bytesUnits[unit] ?? '')}`;
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** 75 -> "1 min 15 s"; 5400 -> "1 h 30 min"; null -> "–". */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  // Seconds matter below ten minutes only.
  if (whole < 600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return plural(Math.round(hours / 24), 'day');
}

/** Whole numbers with separators. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}

/** "1 picture", "1,204 pictures". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A measured value with about `digits` significant ones; null and NaN as "–". */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(Math.max(0, digits - 2)).replace('-', '−');
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const text = value.toLocaleString('en-GB', { maximumFractionDigits: decimals });
  return text.replace('-', '−');
}

/** A score among others: always three digits, so that 2.9 and 2.87 do not look like two kinds of number. */
export function formatScore(value: number | null): string {
  const size = Math.abs(value ?? Number.NaN);
  if (value === null || !(size >= 0.001 && size < 99_999.5)) return formatNumber(value, 3);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString('en-GB', digits).replace('-', '−');
}

/** 0.123 -> "12.3 %". */
export function formatPercent(fraction: number | null, digits = 1): string {
  return fraction === null || Number.isNaN(fraction) ? '–' : `${(fraction * 100).toFixed(digits)} %`;
}

/** ISO 8601 -> "today 14:05", "3 Nov 2026, 14:05". */
export function formatDate(iso: string | null, now = new Date()): string {
  if (iso === null) return '–';
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === now.toDateString()) return `today ${time}`;
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
  return `${day}, ${time}`;
}
