/** The pages and their states that are looked at, each by its address and, where needed, a few presses. */
import type { Page } from 'playwright-core';

export interface PageState {
  readonly name: string;
  readonly hash: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();
const fromMenu = (menu: string, item: string) => async (page: Page) => {
  await press(menu)(page);
  await page.getByRole('menuitem', { name: item }).click();
};
/** As a person opens a picture of a grid. */
const openFirst = (grid: string | RegExp) => async (page: Page) => {
  await page.getByRole('listbox', { name: grid }).getByRole('option').first().dblclick();
};

const settings: readonly PageState[] = ['devices', 'storage', 'appearance', 'logs', 'about'].map((tab) => ({
  name: `settings, ${tab}`,
  hash: `#/settings?tab=${tab}`,
}));

export const emptyStates: readonly PageState[] = [
  { name: 'datasets without any', hash: '#/datasets' },
  { name: 'dialog of folders', hash: '#/datasets', prepare: press('Open a folder…') },
  { name: 'train without a dataset', hash: '#/train' },
  { name: 'runs without any', hash: '#/runs' },
  { name: 'score without a run', hash: '#/score' },
  { name: 'gallery without a run', hash: '#/gallery' },
  { name: 'experiments without any', hash: '#/experiments' },
  { name: 'experiment, form', hash: '#/experiments?new=anomaly' },
  { name: 'experiment, form with sets', hash: '#/experiments?new=ood' },
];

export interface Filled {
  readonly dataset: string;
  readonly runs: readonly [string, string];
  readonly session: string;
  readonly paused: string;
  readonly experiment: string;
}

export function filledStates({ dataset, runs, session, paused, experiment }: Filled): PageState[] {
  const [run] = runs;
  const results = `#/score?run=${run}&session=${session}`;
  return [
    { name: 'datasets', hash: '#/datasets' },
    { name: 'dataset', hash: `#/datasets?dataset=${dataset}` },
    { name: 'dataset, problems', hash: `#/datasets?dataset=${dataset}&view=problems` },
    {
      name: 'train, form with everything',
      hash: `#/train?new=yes&dataset=${dataset}`,
      prepare: async (page) => {
        await page.locator('main summary').first().waitFor();
        for (const summary of await page.locator('main summary').all()) await summary.click();
      },
    },
    { name: 'train, paused', hash: `#/train?run=${paused}` },
    { name: 'train, after the end', hash: `#/train?run=${run}` },
    { name: 'runs', hash: '#/runs' },
    { name: 'runs, all selected', hash: '#/runs', prepare: (page) => page.getByRole('checkbox').first().check() },
    ...['overview', 'charts', 'pictures', 'settings'].map((tab) => ({
      name: `run, ${tab}`,
      hash: `#/runs?run=${run}&tab=${tab}`,
    })),
    {
      name: 'run, table of a chart',
      hash: `#/runs?run=${run}&tab=charts`,
      prepare: (page) => page.getByText('Table', { exact: true }).first().click(),
    },
    ...['Rename', 'Tags', 'Reproduce exactly', 'Export as ONNX'].map((item) => ({
      name: `run, dialog "${item}"`,
      hash: `#/runs?run=${run}`,
      prepare: fromMenu('More for this run', item),
    })),
    { name: 'run, menu', hash: `#/runs?run=${run}`, prepare: press('More for this run') },
    ...['charts', 'pictures', 'latents', 'settings'].map((tab) => ({
      name: `comparison, ${tab}`,
      hash: `#/runs?compare=${runs.join(',')}&tab=${tab}`,
    })),
    { name: 'score, choice of a run', hash: '#/score' },
    { name: 'score, with a run', hash: `#/score?run=${run}` },
    { name: 'score, results', hash: results },
    { name: 'score, picture', hash: results, prepare: openFirst(/./) },
    { name: 'score, dialog of exports', hash: results, prepare: press('Export…') },
    { name: 'gallery', hash: '#/gallery' },
    { name: 'gallery, picture', hash: '#/gallery', prepare: openFirst(/./) },
    { name: 'gallery, interpolation', hash: '#/gallery', prepare: press(/steps between/) },
    {
      name: 'gallery, form of an interpolation',
      hash: '#/gallery',
      prepare: (page) => page.getByRole('tab', { name: 'Interpolate' }).click(),
    },
    { name: 'experiments', hash: '#/experiments' },
    { name: 'experiment', hash: `#/experiments?experiment=${experiment}` },
    ...settings,
  ];
}
