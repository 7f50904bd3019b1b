import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Score', icon: 'score', order: 4 };
