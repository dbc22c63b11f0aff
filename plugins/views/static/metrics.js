// Draws the plots of a page: each is a section with its values as JSON. Apache ECharts is fetched
// only when there is something to draw; the table of the page says the same without it.
import { format } from "./times.js";

const TONES = [
  "running", "success", "failed", "upstream-failed", "deferred", "skipped", "queued", "scheduled",
];
const SYMBOLS = ["circle", "rect", "triangle", "diamond"];
const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];
const PNG_SCALE = 2;

// Colours of the page as ECharts reads them: it does not know oklch.
const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const colour = (name) => {
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = value;
  pixel.fillRect(0, 0, 1, 1);
  return `rgb(${pixel.getImageData(0, 0, 1, 1).data.slice(0, 3).join(",")})`;
};

const toneColour = (tone) => colour(`${tone === "upstream-failed" ? "upstream" : tone}-solid`);

const bytes = (value) => {
  const power = value > 0 ? Math.min(Math.floor(Math.log2(value) / 10), SIZES.length - 1) : 0;
  return `${(value / 1024 ** power).toLocaleString("en", { maximumFractionDigits: 1 })} ${SIZES[power]}`;
};
const seconds = (value) => {
  if (value < 60) return `${value} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
};
const count = (value) => value.toLocaleString("en");
const WRITERS = { bytes, seconds, count };

const moment = (time) => (typeof time === "number" ? format.format(new Date(time)) : time);
const shortMoment = (time) => (typeof time === "number" ? moment(time).slice(5, 16) : time);

const options = (plot) => {
  const write = WRITERS[plot.units];
  const [text, muted, border, ground] = ["fg", "fg-muted", "border", "bg"].map(colour);
  const font = getComputedStyle(document.body).fontFamily;
  return {
    animation: false,
    color: TONES.map(toneColour),
    textStyle: { fontFamily: font },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    legend: {
      type: "scroll", top: 0, textStyle: { color: text }, pageTextStyle: { color: muted },
      pageIconColor: muted, inactiveColor: border,
    },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: ground,
      borderColor: border, textStyle: { color: text, fontFamily: font },
      axisPointer: { lineStyle: { color: muted } },
      formatter: (points) => [
        moment(plot.times[points[0].dataIndex]),
        ...points.filter((each) => each.value != null).map((each) => `${each.seriesName}: ${write(each.value)}`),
      ].join("\n"),
    },
    xAxis: {
      type: "category", data: plot.times, boundaryGap: plot.times.length === 1,
      axisLine: { lineStyle: { color: border } }, axisTick: { show: false },
      axisLabel: { color: muted, hideOverlap: true, formatter: (_, index) => shortMoment(plot.times[index]) },
    },
    yAxis: {
      type: "value", minInterval: plot.units === "count" ? 1 : 0,
      axisLabel: { color: muted, formatter: write }, splitLine: { lineStyle: { color: border } },
    },
    series: plot.lines.map((line, index) => ({
      type: "line", name: line.name, data: line.values, connectNulls: true,
      symbol: SYMBOLS[index % SYMBOLS.length], symbolSize: 6, showSymbol: plot.times.length <= 62,
      lineStyle: { width: 2, type: index < TONES.length ? "solid" : "dashed" },
      ...(line.tone ? { color: toneColour(line.tone) } : {}),
    })),
  };
};

const save = (chart, name) => {
  const link = document.createElement("a");
  link.href = chart.getDataURL({ type: "png", pixelRatio: PNG_SCALE, backgroundColor: colour("bg") });
  link.download = `${name}.png`;
  link.click();
};

const draw = (init, section) => {
  section.hidden = false;
  const place = section.querySelector(".plot");
  const plot = JSON.parse(section.querySelector("script").textContent);
  const chart = init(place);
  const paint = () => chart.setOption(options(plot), true);
  paint();
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["class"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  section.querySelector("[data-png]").addEventListener("click", () => save(chart, section.dataset.plot));
};

const sections = [...document.querySelectorAll("[data-plot]")];
if (sections.length) {
  const { init } = await import(document.getElementById("metrics-script").dataset.echarts);
  for (const section of sections) draw(init, section);
}
