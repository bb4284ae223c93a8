/** Do something once for many calls: at the next frame, or within a moment in a hidden page. */

const HIDDEN_MS = 250;

export function soon(work: () => void): () => void {
  let isDue = false;
  const run = (): void => {
    isDue = false;
    work();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (document.hidden) setTimeout(run, HIDDEN_MS);
    else requestAnimationFrame(run);
  };
}
