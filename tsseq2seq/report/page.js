"use strict";
// Draws the chosen series, and sorts, searches and chooses in the table. Without it the page has a still picture.
(function () {
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const place = document.getElementById("chart");
  if (!place || typeof uPlot === "undefined") return;
  document.documentElement.classList.add("js");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const byName = new Map(data.series.map((one) => [one.id, one]));
  let chart = null, shown = null;

  // one row for each time: values, forecast, and the ends of the interval; the forecast begins at the last value
  function columns(one) {
    const before = one.y.length, after = one.f.length;
    const gap = (count) => new Array(count).fill(null);
    const last = before ? one.y[before - 1] : null;
    const joined = (values) => [...gap(Math.max(0, before - 1)), ...(before ? [last] : []), ...values];
    const parts = [one.t, [...one.y, ...gap(after)], joined(one.f)];
    return one.lo ? [...parts, joined(one.lo), joined(one.hi)] : parts;
  }

  function options(one) {
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 0.5 }, ticks: { stroke: colour("--line") } };
    const number = (u, value) => (value == null ? "–" : Number(value.toPrecision(5)).toLocaleString());
    const end = (name) => ({ label: name, stroke: colour("--forecast"), width: 0.5, dash: [4, 3], points: { show: false }, value: number });
    const series = [
      data.dates ? { label: "time" } : { label: "step", value: (u, value) => value },
      { label: "value", stroke: colour("--observed"), width: 1.5, value: number },
      { label: "forecast", stroke: colour("--forecast"), width: 2, value: number },
    ];
    if (one.lo) series.push(end("from"), end("to"));
    return {
      title: one.id, width: place.clientWidth, height: 340, series,
      scales: { x: { time: data.dates } },
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1e3), "UTC"),
      axes: [axis, { ...axis, size: 70 }],
      bands: one.lo ? [{ series: [4, 3], fill: colour("--band") }] : [],
      cursor: { drag: { x: true, y: false } },
    };
  }

  function draw(name) {
    const one = byName.get(name);
    if (!one) return;
    shown = name;
    if (chart) chart.destroy();
    chart = new uPlot(options(one), columns(one), place);
    place.setAttribute("aria-label", "Series " + one.id + " and its forecast");
  }

  function choose(row) {
    for (const other of document.querySelectorAll('#panel tr[aria-current="true"]')) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    draw(row.cells[0].textContent);
  }

  function sortable(table) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      cell.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = (row) => row.cells[column].textContent.replace(/,/g, "");
        const numbers = [...body.rows].every((row) => key(row) === "" || !isNaN(key(row)));
        const order = (a, b) => (numbers ? (key(a) || -Infinity) - (key(b) || -Infinity) : key(a).localeCompare(key(b)));
        body.append(...[...body.rows].sort((a, b) => (up ? order(a, b) : order(b, a))));
      });
    });
    for (const row of body.rows) row.tabIndex = 0;
    body.addEventListener("click", (event) => event.target.closest("tr") && choose(event.target.closest("tr")));
    body.addEventListener("keydown", (event) => event.key === "Enter" && choose(event.target.closest("tr")));
  }

  const table = document.querySelector("#panel table");
  if (table) {
    sortable(table);
    document.getElementById("find").addEventListener("input", (event) => {
      const wanted = event.target.value.toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
    });
  }
  draw(data.series[0].id);
  addEventListener("resize", () => chart && chart.setSize({ width: place.clientWidth, height: 340 }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(shown));
})();
