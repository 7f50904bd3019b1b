/** Work for the next frames: the newest request of each key only, and never more in one frame than fits beside the page's own. */

const budgetMilliseconds = 6;
const waiting = new Map<object, () => void>();
let asked = false;

function run(): void {
  asked = false;
  const began = performance.now();
  for (const [key, work] of [...waiting]) {
    waiting.delete(key);
    work();
    // The rest keeps its place: with ten charts each is drawn every few frames, and none delays a click.
    if (performance.now() - began > budgetMilliseconds) break;
  }
  if (waiting.size > 0) ask();
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(run);
}

export function onFrame(key: object, work: () => void): void {
  waiting.set(key, work);
  ask();
}

export function forgetFrame(key: object): void {
  waiting.delete(key);
}
