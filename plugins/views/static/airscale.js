// What every page does; the parts that a page has decide which of it happens.
import { choices } from "./chooses.js";
import { localTimes } from "./times.js";
import { keepFresh } from "./live.js";
import { confirmations, selections } from "./selection.js";

// Links to Airflow's own pages move the whole window, which the frame's sandbox does not allow.
const navigateAirflow = (event) => {
  const link = event.target.closest("a[data-airflow]");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (!link || !isPlain || !document.documentElement.classList.contains("framed")) return;
  event.preventDefault();
  window.parent.history.pushState({}, "", link.href);
  window.parent.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
};

// An empty filter does not belong into the address.
const leaveOutEmptyFilters = (event) => {
  if (!event.target.matches("form.filters")) return;
  for (const field of event.target.elements) field.disabled ||= field.name && field.value === "";
};

// A filter that is chosen from a list is applied at once.
const applyChosenFilter = (event) => {
  if (event.target.matches("form.filters select:not([multiple])")) event.target.form.requestSubmit();
};

document.addEventListener("click", navigateAirflow);
document.addEventListener("submit", leaveOutEmptyFilters);
document.addEventListener("change", applyChosenFilter);
localTimes(document);
selections();
confirmations();
choices();
keepFresh((part) => localTimes(part));
