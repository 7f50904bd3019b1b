import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Train', icon: 'train', order: 2 };
