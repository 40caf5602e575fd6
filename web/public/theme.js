// Runs before the first paint, from a file because the content policy forbids inline scripts. Storage may be blocked.
try {
  const stored = localStorage.getItem('livelot.theme')
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored
} catch {
  // Without storage the page follows the system's theme.
}
