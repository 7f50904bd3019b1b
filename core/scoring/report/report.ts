/** The report: one HTML file with everything inside, no script. A picture first, a number second, a table third. */
import { scoreNames, type ScoreName } from '../../score-names.ts';
import type { MapScale } from '../calibration.ts';
import { colourTable } from '../colours.ts';
import { labelOf, type Threshold } from '../threshold.ts';
import type { ScoredImage, SkippedImage } from '../types.ts';
import { histogramChart } from './chart.ts';
import { escapeHtml, formatNumber } from './html.ts';
import type { CardPictures } from './pictures.ts';
import { style } from './style.ts';

/** One picture of the report. */
export interface ReportCard extends CardPictures {
  readonly image: Pick<ScoredImage, 'name' | 'scores' | 'rmse' | 'tiles'>;
}

export interface ReportRequest {
  readonly title: string;
  /** Facts on the model and the scoring: label and value, shown in this order. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly score: ScoreName;
  readonly summary: string;
  readonly threshold: Threshold;
  /** The chosen score of held-out normals and of all images that were scored. */
  readonly heldOut: readonly number[];
  readonly scored: ArrayLike<number>;
  /** Null where the model has no heatmaps. */
  readonly scale: MapScale | null;
  /** Most anomalous first. */
  readonly anomalous: readonly ReportCard[];
  /** Most typical last in the ranking: what the model thinks normal. */
  readonly typical: readonly ReportCard[];
  readonly skipped: readonly SkippedImage[];
  readonly skippedCount: number;
}

/** Cards above the histogram. */
const firstCards = 12;

function card({ image, picture, heatmap, small }: ReportCard, rank: number | null, request: ReportRequest): string {
  const value = image.scores[request.score] ?? Number.NaN;
  const anomalous = labelOf(value, request.threshold) === 1;
  const name = escapeHtml(image.name);
  const shown = small ? ' class="small"' : '';
  const others = scoreNames
    .filter((other) => other !== request.score && image.scores[other] !== undefined)
    .map((other) => `${other} ${formatNumber(image.scores[other] ?? Number.NaN)}`)
    .join(' · ');
  return `<li class="card"><div class="pictures">
<img${shown} loading="lazy" src="${picture}" alt="${name}, as the model sees it">
${heatmap === null ? '' : `<img${shown} loading="lazy" src="${heatmap}" alt="Heatmap of ${name}; ${escapeHtml(request.score)} ${formatNumber(value)}, ${anomalous ? 'anomalous' : 'normal'}">`}</div>
<div class="name">${rank === null ? '' : `<span class="quiet">${rank}.</span> `}${name}</div>
<div class="score"><span>${formatNumber(value)}</span><span class="verdict ${anomalous ? 'anomalous' : 'normal'}">${anomalous ? '▲ anomalous' : '● normal'}</span></div>
<div class="others">${others}</div></li>`;
}

function gradient(): string {
  const stops = Array.from({ length: 9 }, (_, i) => {
    const entry = 3 * Math.round((255 * i) / 8);
    return `rgb(${[...colourTable.subarray(entry, entry + 3)].join(' ')})`;
  });
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}

function figures(request: ReportRequest): string {
  const { scored, threshold, skippedCount } = request;
  let above = 0;
  for (let i = 0; i < scored.length; i++) above += labelOf(scored[i] ?? Number.NaN, threshold);
  const entries: [string, string][] = [
    ['Images scored', scored.length.toLocaleString('en')],
    ['Above the threshold', above.toLocaleString('en')],
    ['Threshold', formatNumber(threshold.value)],
    ['Held-out normal images', request.heldOut.length.toLocaleString('en')],
  ];
  if (skippedCount > 0) entries.push(['Skipped, not readable', skippedCount.toLocaleString('en')]);
  return entries.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join('');
}

function skippedSection({ skipped, skippedCount }: ReportRequest): string {
  if (skippedCount === 0) return '';
  const rows = skipped
    .map(({ name, problem }) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(problem.detail)}</td></tr>`)
    .join('');
  const more = skippedCount > skipped.length ? `<p class="quiet">and ${skippedCount - skipped.length} more</p>` : '';
  return `<h2>Skipped files</h2><table><thead><tr><th>File</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table>${more}`;
}

function scaleBar(scale: MapScale | null): string {
  if (scale === null)
    return '<p class="quiet">No heatmaps: this model has no inference model that could reconstruct.</p>';
  return `<div class="scale"><span>Heatmap of the residual:</span><span>${formatNumber(scale.low)}</span><span class="bar" style="background: ${gradient()}"></span><span>${formatNumber(scale.high)}</span><span>the same scale in every picture (median and 99.9 % of held-out normal pixels)</span></div>`;
}

/** The page as text. */
export function renderReport(request: ReportRequest): string {
  const { threshold, scale, anomalous, typical } = request;
  const title = escapeHtml(request.title);
  const cards = (list: readonly ReportCard[], firstRank: number | null): string =>
    `<ol class="cards">${list.map((entry, i) => card(entry, firstRank === null ? null : firstRank + i, request)).join('\n')}</ol>`;
  const more = anomalous.slice(firstCards);
  const facts = request.facts
    .map(([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`)
    .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title><style>${style}</style></head><body>
<h1>${title}</h1>
<p class="quiet">Ranked by ${escapeHtml(request.score)}: ${escapeHtml(request.summary)}. Higher is more anomalous; raw scores, no threshold changes them.</p>
<dl class="figures">${figures(request)}</dl>
<p${threshold.weak ? ' class="anomalous"' : ' class="quiet"'}>Threshold: ${escapeHtml(threshold.explanation)}</p>
<h2>Most anomalous</h2>
${scaleBar(scale)}
${anomalous.length === 0 ? '<p>No images.</p>' : cards(anomalous.slice(0, firstCards), 1)}
<h2>Distribution of the score</h2>
${histogramChart({ heldOut: request.heldOut, scored: request.scored, threshold: threshold.value, label: request.score })}
${more.length === 0 ? '' : `<h2>Next in order</h2>${cards(more, firstCards + 1)}`}
${typical.length === 0 ? '' : `<h2>Most typical</h2>${cards(typical, null)}`}
${skippedSection(request)}
<h2>How this was made</h2><table><tbody>${facts}</tbody></table>
</body></html>
`;
}
