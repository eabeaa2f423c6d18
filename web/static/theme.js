// Before the page is drawn: the theme that the reader chose, or that the address asks for.
(() => {
  let theme = new URLSearchParams(location.search).get("theme");
  try { theme = theme || localStorage.getItem("plainsource-theme"); } catch { /* no storage: the system's theme */ }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
})();
