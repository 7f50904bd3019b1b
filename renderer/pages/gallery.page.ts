import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Gallery', icon: 'gallery', order: 5 };
