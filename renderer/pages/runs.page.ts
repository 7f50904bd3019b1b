import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Runs', icon: 'runs', order: 3 };
