// Inside Airflow's frame the page has the same origin as Airflow: take over its theme, and let
// links to Airflow's own pages move the whole window, which the frame's sandbox does not allow.
(() => {
  const outer = window.parent !== window ? window.parent : null;
  const page = document.documentElement;

  const followTheme = () => {
    const airflow = outer.document.documentElement;
    const copy = () => page.classList.toggle("dark", airflow.classList.contains("dark"));
    page.classList.add("themed");
    copy();
    new MutationObserver(copy).observe(airflow, { attributeFilter: ["class"] });
  };

  const navigate = (event) => {
    const link = event.target.closest("a[data-airflow]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    outer.history.pushState({}, "", link.href);
    outer.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  };

  try {
    if (outer) {
      followTheme();
      document.addEventListener("click", navigate);
    }
  } catch (error) {
    // Another origin frames the page: it keeps the theme of the system, and plain links.
  }

  // Times are shown in UTC, as everywhere in the field; the local time is a hint.
  const localTimes = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      time.title = `${new Date(time.dateTime).toLocaleString()} local time`;
    }
  };
  document.addEventListener("DOMContentLoaded", localTimes);
})();
