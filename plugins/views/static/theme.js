// Runs before the first paint. Inside Airflow's frame, which has the same origin: take over
// Airflow's theme and tell Airflow's address which page is shown, so that it can be shared.
(() => {
  const page = document.documentElement;
  let airflow = null;
  try {
    airflow = window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    // Another origin frames the page: it keeps the theme of the system.
  }
  if (!airflow) return;

  const outer = airflow.document.documentElement;
  const copyTheme = () => page.classList.toggle("dark", outer.classList.contains("dark"));
  page.classList.add("themed", "framed");
  copyTheme();
  new MutationObserver(copyTheme).observe(outer, { attributeFilter: ["class"] });

  const root = page.dataset.root;
  if (page.hasAttribute("data-start") || !root) return;
  const below = window.location.pathname.slice(root.length) + window.location.search;
  const { pathname, search } = airflow.location;
  if (!pathname.endsWith("/plugin/airscale")) return;
  airflow.history.replaceState(airflow.history.state, "", `${pathname}${search}#${below}`);
})();
