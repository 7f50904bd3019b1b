/** Which part of a long list is on the screen: whole rows of equal height. */

export interface Window {
  /** First item, inclusive. */
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  readonly columns: number;
  readonly rows: number;
  readonly rowHeight: number;
  /** Pixels. */
  readonly height: number;
}

export interface Layout {
  readonly count: number;
  readonly columns: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly viewHeight: number;
  /** Rows drawn beyond each edge, so that scrolling shows no gap. */
  readonly overscan?: number;
}

export function columnsFor(width: number, itemWidth: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (itemWidth + gap)));
}

export function visible({ count, columns, rowHeight, scrollTop, viewHeight, overscan = 3 }: Layout): Window {
  const rows = Math.ceil(count / columns);
  const firstRow = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
  const endRow = Math.min(rows, Math.ceil((scrollTop + viewHeight) / rowHeight) + overscan);
  const first = Math.min(count, firstRow * columns);
  return {
    first,
    end: Math.max(first, Math.min(count, endRow * columns)),
    columns,
    rows,
    rowHeight,
    height: rows * rowHeight,
  };
}

/** Where to scroll so that an item is wholly seen; unchanged where it is already. */
export function scrollTo(index: number, { columns, rowHeight, scrollTop, viewHeight }: Layout): number {
  const top = Math.floor(index / columns) * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + viewHeight ? Math.max(0, top + rowHeight - viewHeight) : scrollTop;
}
