// Saves pictures as SVG and PNG, and shows one municipality at a time. The page reads the same without it.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const svgOf = (picture) => {
    const bytes = Uint8Array.from(atob(picture.src.split(",")[1]), (sign) => sign.charCodeAt(0));
    return new Blob([bytes], { type: "image/svg+xml" });
  };
  const savePng = (picture, name) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [3 * picture.naturalWidth, 3 * picture.naturalHeight];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, `${name}.png`), "image/png");
  };
  for (const button of document.querySelectorAll("button[data-save]")) {
    const picture = byId(`${button.dataset.id}-picture`);
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.dataset.save === "svg") save(svgOf(picture), `${button.dataset.name}.svg`);
      else savePng(picture, button.dataset.name);
    });
  }

  const holder = byId("town-data");
  if (!holder) return;
  const { town, stamp } = JSON.parse(holder.textContent);
  const words = town.words;
  const towns = new Map(town.towns.map((one) => [one.code, one]));
  const [form, input, status, result] = ["form", "input", "status", "result"].map((part) => byId(`town-${part}`));
  const labelOf = (one) => `${one.name} (${one.code})`;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  const make = (tag, text, properties = {}) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    for (const [key, value] of Object.entries(properties)) node.setAttribute(key, value);
    return node;
  };
  const table = (label, heads, rows, part = "") => {
    const region = make("div", "", { class: "scroll", role: "group", "aria-label": label, tabindex: "0", "data-part": part });
    const grid = make("table");
    const head = grid.createTHead().insertRow();
    for (const name of heads) head.append(make("th", name, { scope: "col" }));
    const body = grid.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((cell, i) => line.append(i ? make("td", cell) : make("th", cell, { scope: "row" })));
    }
    region.append(grid);
    return region;
  };

  const draw = (tag, properties, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(properties)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    return node;
  };
  const chart = (one) => {
    const full = Math.max(280, Math.min(640, result.clientWidth));
    const [left, width, step] = [108, full - 136, 34];
    const bottom = 12 + step * one.results.length;
    const x = (share) => left + width * share;
    const label = fill(words.chart, { name: one.name, target: words.target });
    const picture = draw("svg", { class: "chart", viewBox: `0 0 ${full} ${bottom + 34}`, role: "img", "aria-label": label });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(draw("line", { x1: x(share), x2: x(share), y1: 4, y2: bottom, stroke: "#d5d5d5" }));
      picture.append(draw("text", { x: x(share), y: bottom + 18, "text-anchor": "middle" }, String(100 * share)));
    }
    const goal = { x1: x(town.target), x2: x(town.target), y1: 4, y2: bottom };
    picture.append(draw("line", { ...goal, stroke: "#a33a00", "stroke-width": 2, "stroke-dasharray": "5 4" }));
    one.results.forEach(({ at: [rate, low, high], cells }, i) => {
      const y = 8 + step * (i + 0.5);
      picture.append(draw("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, cells[0]));
      picture.append(draw("line", { x1: x(low), x2: x(high), y1: y, y2: y, stroke: "#0b4f8a", "stroke-width": 3 }));
      picture.append(draw("circle", { cx: x(rate), cy: y, r: 6, fill: "#0b4f8a" }));
    });
    return picture;
  };

  const show = (one) => {
    const w = words;
    result.replaceChildren(make("h3", labelOf(one)));
    if (stamp) result.append(make("p", stamp, { class: "stamp" }));
    const part = (title, ...nodes) => result.append(make("h4", title), ...nodes);
    const goal = fill(w.verdict, { target: w.target });
    const rows = one.results.map((line) => line.cells);
    part(w.results, make("p", w.pooled), chart(one), table(w.results, [w.moment, w.n, w.share, w.interval, goal, w.rank], rows));
    part(w.funnel, ...one.funnel.map((text) => make("p", text)));
    if (one.adjusted.length) part(w.adjusted, make("p", w.adjusted_note), table(w.adjusted, [w.tier, w.share, w.interval], one.adjusted));
    else part(w.adjusted, make("p", w.none_adjusted));
    if (one.series.length) part(w.series, table(w.series, [w.year, w.n, w.successes, w.share], one.series));
    const heads = [w.wave, w.dimension, w.score, w.interval, w.answers, w.everyone];
    if (one.survey.length) part(w.survey, make("p", w.survey_note), table(w.survey, heads, one.survey, "survey"));
    else part(w.survey, make("p", w.no_survey));
    result.append(make("p", w.note, { class: "from" }));
    const print = make("button", w.print, { type: "button" });
    print.addEventListener("click", () => {
      document.body.classList.add("only-town");
      window.print();
      document.body.classList.remove("only-town");
    });
    result.append(print);
    status.textContent = fill(w.shown, { name: labelOf(one) });
    input.value = labelOf(one);
  };

  const find = (text) => {
    const wanted = text.trim().toLowerCase();
    const code = (wanted.match(/\d{4}/) || [])[0];
    if (code && towns.has(code)) return towns.get(code);
    const named = town.towns.filter((one) => one.name.toLowerCase().startsWith(wanted));
    return wanted && named.length ? named.find((one) => one.name.toLowerCase() === wanted) || named[0] : undefined;
  };
  const choose = (text, keep) => {
    const one = find(text);
    if (!one) {
      result.replaceChildren();
      status.textContent = text.trim() ? words.none : "";
      return;
    }
    show(one);
    if (keep) history.replaceState(null, "", `#municipality=${one.code}`);
  };
  const fromAddress = () => {
    const match = location.hash.match(/^#municipality=(\d{4})(&print)?$/);
    if (!match) return;
    choose(match[1], false);
    document.body.classList.toggle("only-town", Boolean(match[2]));
    byId("municipality").scrollIntoView();
  };

  for (const one of town.towns) byId("town-list").append(make("option", "", { value: labelOf(one) }));
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(input.value, true);
  });
  input.addEventListener("change", () => {
    if (find(input.value)) choose(input.value, true);
  });
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
