import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Experiments', icon: 'experiments', order: 6 };
