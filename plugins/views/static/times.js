// The server writes times in UTC. They are shown in the zone that the viewer chose in Airflow, or
// else in that of the browser; UTC stays as the hint.
const zone = (() => {
  try {
    const chosen = JSON.parse(localStorage.getItem("timezone"));
    new Intl.DateTimeFormat("en", { timeZone: chosen });
    return chosen ?? undefined;
  } catch {
    return undefined;
  }
})();

export const format = new Intl.DateTimeFormat("sv-SE", {
  timeZone: zone,
  year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit",
});

export const localTimes = (part) => {
  for (const time of part.querySelectorAll("time[datetime]")) {
    if (time.title) continue;
    time.title = time.textContent.trim();
    time.textContent = format.format(new Date(time.dateTime));
  }
};
