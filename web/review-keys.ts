/**
 * Lets s, n and l press the buttons of the queue, where nobody is typing. A box turns them off and is remembered, since
 * whoever works by voice may not want single letters to decide (WCAG 2.1.4).
 */
const kept = 'jenner-review-keys';
const box = document.querySelector<HTMLInputElement>('#keys');

if (box) {
  box.checked = localStorage.getItem(kept) !== 'off';
  box.addEventListener('change', () => localStorage.setItem(kept, box.checked ? 'on' : 'off'));
  const line = box.closest<HTMLElement>('.keys');
  if (line) line.hidden = false;
  document.addEventListener('keydown', (event) => {
    if (!box.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (
      event.target instanceof HTMLElement &&
      event.target.matches('input:not([type=checkbox]), textarea, select')
    )
      return;
    const key = event.key.toLowerCase();
    const button = [...document.querySelectorAll<HTMLButtonElement>('button[data-key]')].find(
      (one) => one.dataset['key'] === key,
    );
    button?.click();
  });
}
