import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Datasets', icon: 'datasets', order: 1 };
