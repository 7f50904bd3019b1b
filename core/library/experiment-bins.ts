/** The CSV beside a histogram of `core/experiments/report`, read back: `from,to,<set>,…`, shares by bin, a last line of what lies outside. */

export interface Bins {
  /** Ascending, one more than shares. */
  readonly edges: number[];
  /** The first is the one that the others are compared with. Shares of each set's values, 0 to 1. */
  readonly sets: { readonly name: string; readonly shares: number[] }[];
}

/** Fields of one line; quotes as in RFC 4180. */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
  }
  return fields;
}

/** Null for a table that is no histogram. */
export function readBins(csv: string): Bins | null {
  const [head = '', ...lines] = csv.split(/\r?\n/).filter((line) => line !== '');
  const [from, to, ...names] = fieldsOf(head);
  if (from !== 'from' || to !== 'to' || names.length === 0) return null;
  const rows = lines.filter((line) => !line.startsWith('outside')).map((line) => fieldsOf(line).map(Number));
  if (rows.length === 0 || rows.some((row) => row.length !== names.length + 2 || row.some(Number.isNaN))) return null;
  return {
    edges: [rows[0]?.[0] ?? 0, ...rows.map((row) => row[1] ?? 0)],
    sets: names.map((name, at) => ({ name, shares: rows.map((row) => row[at + 2] ?? 0) })),
  };
}
