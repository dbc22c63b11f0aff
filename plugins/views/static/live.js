// Parts with data-live are fetched again every so many seconds while the page is seen. The page is
// asked for as a whole; only parts that changed are replaced.
const SLOWEST = 60;

const isInUse = (part) =>
  part.contains(document.activeElement) && document.activeElement.matches("input,select,textarea")
  || part.querySelector("input:checked, dialog[open]") !== null;

const former = new Map();

const replace = (part, fresh, changed) => {
  if (!fresh || isInUse(part) || former.get(part.id) === fresh.outerHTML) return;
  former.set(part.id, fresh.outerHTML);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const place = part.scrollTop;
  const isAtEnd = part.scrollHeight - part.clientHeight - place < 24;
  part.replaceWith(fresh);
  changed(fresh);
  fresh.scrollTop = fresh.hasAttribute("data-follow") && isAtEnd ? fresh.scrollHeight : place;
  if (focused) document.getElementById(focused)?.focus();
};

export const keepFresh = (changed) => {
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const seconds = () => Math.min(...parts().map((part) => Number(part.dataset.live)));
  let failures = 0;
  let timer = null;

  const again = () => {
    clearTimeout(timer);
    if (document.hidden || !parts().length) return;
    timer = setTimeout(refresh, Math.min(seconds() * 2 ** failures, SLOWEST) * 1000);
  };

  const refresh = async () => {
    try {
      const answer = await fetch(window.location.href);
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts()) replace(part, page.getElementById(part.id), changed);
      failures = 0;
    } catch {
      failures += 1;
    }
    document.documentElement.classList.toggle("stale", failures > 1);
    again();
  };

  for (const part of document.querySelectorAll("[data-follow]")) part.scrollTop = part.scrollHeight;
  document.addEventListener("visibilitychange", () => (document.hidden ? again() : refresh()));
  again();
};
