/** The report as one HTML file with everything inside, no script: tables first, then pictures, then how it was made. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { escapeHtml } from '../../scoring/report/html.ts';
import { style } from '../../scoring/report/style.ts';
import type { ExperimentReport, Figure, ResultTable } from '../types.ts';
import { bestRows, cellHeads, cellRow, dataLine, valueText, versionLines } from './numbers.ts';

const extra = `
.result th, .result td { padding: 5px 14px 5px 0; } .result td.number { text-align: right; white-space: nowrap; }
.result tr:is(.paper, .reference) td { color: var(--quiet); } .result tr.here td { font-weight: 500; } .result td.best { color: var(--accent); font-weight: 700; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 18px; margin: 12px 0 32px; }
figure.plate { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px; }
figure.plate img { display: block; max-width: 100%; height: auto; margin: 0 auto 8px; border-radius: 4px; image-rendering: pixelated; }
.plates { display: grid; grid-template-columns: repeat(auto-fill, minmax(420px, 1fr)); gap: 16px; align-items: start; }
@media (max-width: 520px) { .plates { grid-template-columns: 1fr; } }
`;

function tableHtml(table: ResultTable): string {
  const best = bestRows(table);
  const heads = [...table.heads, ...table.columns].map((head) => `<th scope="col">${escapeHtml(head)}</th>`).join('');
  const rows = table.rows
    .map(({ heads: names, source, values }, row) => {
      const first = names.map((name) => `<td>${escapeHtml(name)}</td>`).join('');
      const figures = values.map((value, column) => {
        const mark = best[column] === row ? ' best' : '';
        return `<td class="number${mark}">${escapeHtml(valueText(value, table))}</td>`;
      });
      return `<tr class="${source}">${first}${figures.join('')}</tr>`;
    })
    .join('\n');
  return `<h2>${escapeHtml(table.title)}</h2><p class="quiet">${escapeHtml(table.caption)}</p>
<div class="scroll"><table class="result"><thead><tr>${heads}</tr></thead><tbody>
${rows}
</tbody></table></div>`;
}

const types: Readonly<Record<string, string>> = { '.svg': 'image/svg+xml', '.png': 'image/png' };

/** A figure that cannot be read any more is told, not left out silently. */
async function figureHtml(figure: Figure, root: string): Promise<string> {
  const caption = `<figcaption><strong>${escapeHtml(figure.title)}</strong> ${escapeHtml(figure.caption)}</figcaption>`;
  const type = types[path.extname(figure.file)];
  const bytes = await readFile(path.join(root, figure.file)).catch(() => null);
  if (bytes === null || type === undefined)
    return `<figure class="plate"><p class="anomalous">${escapeHtml(figure.file)} is gone.</p>${caption}</figure>`;
  const source = `data:${type};base64,${bytes.toString('base64')}`;
  return `<figure class="plate"><img loading="lazy" src="${source}" alt="${escapeHtml(figure.caption)}">${caption}</figure>`;
}

/** The page as text; `root` is the experiment's folder, which the figures' files are in. */
export async function reportHtml(report: ExperimentReport, root: string): Promise<string> {
  const { cells, settings } = report;
  const figures = await Promise.all(report.figures.map((figure) => figureHtml(figure, root)));
  const notes = report.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('');
  const made = report.results
    .map(
      (result) =>
        `<tr>${cellRow(result)
          .map((text) => `<td>${escapeHtml(text)}</td>`)
          .join('')}</tr>`,
    )
    .join('\n');
  const state =
    cells.done < cells.total ? `<p class="anomalous">${cells.done} of ${cells.total} cells are done.</p>` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(report.title)}</title><style>${style}${extra}</style></head><body>
<h1>${escapeHtml(report.title)}</h1>
<p class="quiet">Beside ${escapeHtml(report.paper)} of Han et al., "Joint Training of Variational Auto-Encoder and Latent Energy-Based Model", CVPR 2020. Grey rows are the paper's, and what is known of the test set; the best of our own is marked in each column.</p>
${state}
${report.tables.map(tableHtml).join('\n')}
${notes === '' ? '' : `<h2>Notes</h2><ul>${notes}</ul>`}
${figures.length === 0 ? '' : `<h2>Figures</h2><div class="plates">${figures.join('\n')}</div>`}
<h2>How this was made</h2>
<div class="scroll"><table><thead><tr>${cellHeads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>
${made}
</tbody></table></div>
<p class="quiet">Data: ${escapeHtml(dataLine(settings))}. Versions: ${escapeHtml(versionLines(report.results).join('; '))}.</p>
</body></html>
`;
}
