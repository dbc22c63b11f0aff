// Airflow's address names the page after its "#"; without a name it is the overview.
(() => {
  const root = document.documentElement.dataset.root;
  let named = "";
  try {
    named = window.parent.location.hash.slice(1);
  } catch {
    // Another origin frames the page: it begins with the overview.
  }
  const wanted = new URL(root + (named.startsWith("/") ? named : "/overview/"), window.location);
  const isOurs = wanted.origin === window.location.origin && wanted.pathname.startsWith(`${root}/`);
  window.location.replace(isOurs ? wanted : `${root}/overview/`);
})();
