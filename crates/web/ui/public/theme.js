// Runs before the first paint. The same key is written by src/ui/theme.ts.
(() => {
  try {
    const choice = localStorage.getItem('magnetiq-theme');
    if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
})();
