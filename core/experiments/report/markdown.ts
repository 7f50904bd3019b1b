/** The report as Markdown: tables beside the paper's, figures by reference. */
import type { ExperimentReport, ResultTable } from '../types.ts';
import { bestRows, cellHeads, cellRow, dataLine, valueText, versionLines } from './numbers.ts';

const cellText = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');

function line(cells: readonly string[]): string {
  return `| ${cells.map(cellText).join(' | ')} |`;
}

export function tableMarkdown(table: ResultTable): string {
  const best = bestRows(table);
  const heads = [...table.heads, ...table.columns];
  const rows = table.rows.map(({ heads: names, source, values }, row) => {
    const first = [...names.slice(0, 1).map((name) => (source !== 'here' ? `_${name}_` : name)), ...names.slice(1)];
    const figures = values.map((value, column) => {
      const text = valueText(value, table);
      return best[column] === row ? `**${text}**` : text;
    });
    return line([...first, ...figures]);
  });
  return [`### ${table.title}`, '', table.caption, '', line(heads), line(heads.map(() => '---')), ...rows].join('\n');
}

export function reportMarkdown(report: ExperimentReport): string {
  const { done, total } = report.cells;
  const parts = [
    `# ${report.title}`,
    `Beside ${report.paper} of Han et al., CVPR 2020; the paper's rows and what is known of the test set are in italics. ${done} of ${total} cells done.`,
    ...report.tables.map(tableMarkdown),
    ...(report.notes.length === 0 ? [] : [['## Notes', '', ...report.notes.map((note) => `- ${note}`)].join('\n')]),
    ...(report.figures.length === 0
      ? []
      : [
          [
            '## Figures',
            '',
            ...report.figures.map(
              ({ title, caption, file, csv }) =>
                `![${cellText(caption)}](${file})\n\n${title}${csv === null ? '' : ` ([numbers](${csv}))`}\n`,
            ),
          ].join('\n'),
        ]),
    [
      '## How this was made',
      '',
      line(cellHeads),
      line(cellHeads.map(() => '---')),
      ...report.results.map((result) => line(cellRow(result))),
    ].join('\n'),
    `Data: ${dataLine(report.settings)}. Versions: ${versionLines(report.results).join('; ')}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}
