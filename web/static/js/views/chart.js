// The weight chart: what was logged as points, the API's trend as a line.
// Invariant: dates are dates, whatever the browser's time zone; colours are those of the style sheet.

import { DAY, seconds, short, shortDate } from "../format.js";

export const HEIGHT = 320;

/** Draw into `node`; `points` and `line` hold kg by date, `read(index)` hears where the cursor is. */
export function chart(node, dates, points, line, read) {
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim();
  const axis = { stroke: colour("--soft"), font: "12px 'Instrument Sans', sans-serif", ticks: { show: false } };
  const dot = { show: true, size: 6, fill: colour("--point"), stroke: colour("--point") };
  const isoDate = (at) => new Date(at * 1000).toISOString().slice(0, 10);
  const column = (map) => dates.map((date) => map.get(date) ?? null);
  return new uPlot({
    width: node.clientWidth, height: HEIGHT, legend: { show: false }, padding: [12, 24, 0, 0],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    scales: { x: { range: (_, low, high) => [low - DAY / 2000, high + DAY / 2000] } }, // half a day of air
    cursor: { y: false, points: { size: 9 }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => read(cursor.idx ?? dates.length - 1)] },
    axes: [
      { ...axis, size: 30, space: 56, grid: { show: false }, incrs: [1, 7, 14, 28].map((days) => (days * DAY) / 1000),
        values: (_, splits) => splits.map((at) => shortDate(isoDate(at))) },
      { ...axis, size: 44, grid: { stroke: colour("--line"), width: 1 }, values: (_, splits) => splits.map(short) }],
    series: [{}, { stroke: "transparent", paths: () => null, points: dot },
      { stroke: colour("--trend"), width: 3, spanGaps: true, points: { show: dates.length === 1 } }],
  }, [dates.map(seconds), column(points), column(line)], node);
}
