/** Runs in the page: something moves in every frame, and each frame is timed. */
export interface Frames {
  /** Milliseconds from frame to frame. */
  readonly intervals: number[];
  /** Milliseconds of scripts, style, layout and paint of the page's own thread in each. */
  readonly work: number[];
}

interface PageGlobals {
  requestAnimationFrame(callback: (time: number) => void): void;
  document: { querySelector(selector: string): PageElement | null };
  PointerEvent: new (type: string, options: object) => object;
}

interface PageElement {
  scrollTop: number;
  readonly scrollHeight: number;
  getBoundingClientRect(): { readonly x: number; readonly width: number };
  dispatchEvent(event: object): void;
}

/** Self-contained: its text is sent to the page. `drag` wants a button that is held on the line already. */
export function collectFrames({ kind, count }: { kind: 'scroll' | 'drag'; count: number }): Promise<Frames> {
  const page = globalThis as unknown as PageGlobals;
  const grid = page.document.querySelector('.results [role="listbox"]');
  const line = page.document.querySelector('[role="slider"][aria-label="Threshold"]');
  const plot = page.document.querySelector('.histogram .plot')?.getBoundingClientRect();
  if (grid === null || line === null || plot === undefined) throw new Error('The page does not look as expected.');
  const move = (at: number): void => {
    if (kind === 'scroll') {
      // A quick hand on the wheel, now and then a jump as with the scroll bar.
      grid.scrollTop = at % 120 === 119 ? (grid.scrollHeight * ((at * 7) % 100)) / 100 : grid.scrollTop + 40;
      return;
    }
    const share = 0.5 + 0.4 * Math.sin(at / 25);
    const clientX = plot.x + plot.width * share;
    line.dispatchEvent(new page.PointerEvent('pointermove', { clientX, bubbles: true, pointerId: 1 }));
  };
  return new Promise((resolve) => {
    const intervals: number[] = [];
    const work: number[] = [];
    let at = 0;
    let last = 0;
    const frame = (): void => {
      const now = performance.now();
      if (last > 0) intervals.push(now - last);
      last = now;
      move(at++);
      const channel = new MessageChannel();
      // Delivered once the frame has been painted.
      channel.port1.addEventListener('message', () => {
        channel.port1.close();
        work.push(performance.now() - now);
      });
      (channel.port1 as unknown as { start: () => void }).start();
      channel.port2.postMessage(null);
      if (intervals.length < count) page.requestAnimationFrame(frame);
      else resolve({ intervals, work });
    };
    page.requestAnimationFrame(frame);
  });
}
