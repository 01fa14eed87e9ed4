// Shows one municipality or county at a time, chosen by typing or by the address; draws its chart and its funnel.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const holder = byId("town-data");
  if (!holder) return;
  const { town, stamp } = JSON.parse(holder.textContent);
  const w = town.words;
  const places = [...town.towns, ...town.counties];
  const byCode = new Map(places.map((one) => [one.code, one]));
  const [form, input, list, status, result] = ["form", "input", "list", "status", "result"].map((part) => byId(`town-${part}`));
  const labelOf = ({ name, code, county }) => (name === code ? code : `${name} (${code})`) + (county ? `, ${w.county}` : "");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const INK = "#1a1a1a", BLUE = "#0b4f8a", RED = "#a33a00", PALE = "#d5d5d5";

  const put = (node, text, properties) => {
    if (text) node.textContent = text;
    for (const [key, value] of Object.entries(properties)) node.setAttribute(key, value);
    return node;
  };
  const make = (tag, text, properties = {}) => put(document.createElement(tag), text, properties);
  const draw = (tag, properties, text) => put(document.createElementNS("http://www.w3.org/2000/svg", tag), text, properties);

  // A row is a list of texts, or { code, cells } where the first cell leads to that place.
  const table = (label, heads, rows, part, own) => {
    const region = make("div", "", { class: "scroll", role: "group", "aria-label": label, tabindex: "0", "data-part": part });
    const grid = make("table");
    const head = grid.createTHead().insertRow();
    for (const name of heads) head.append(make("th", name, { scope: "col" }));
    const body = grid.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      if (row.code && row.code === own) line.className = "own";
      (row.cells || row).forEach((cell, i) => {
        if (i) return line.append(make("td", cell));
        const first = make("th", "", { scope: "row" });
        const linked = row.code && row.code !== own;
        first.append(linked ? make("a", cell, { href: `#municipality=${row.code}` }) : cell);
        line.append(first);
      });
    }
    region.append(grid);
    return region;
  };

  const chart = (one) => {
    const full = Math.max(280, Math.min(640, result.clientWidth));
    const [left, width, step] = [108, full - 136, 34];
    const bottom = 12 + step * one.results.length;
    const x = (share) => left + width * share;
    const label = fill(w.chart, { name: one.name, target: w.target });
    const picture = draw("svg", { class: "chart", viewBox: `0 0 ${full} ${bottom + 34}`, role: "img", "aria-label": label });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(draw("line", { x1: x(share), x2: x(share), y1: 4, y2: bottom, stroke: PALE }));
      picture.append(draw("text", { x: x(share), y: bottom + 18, "text-anchor": "middle" }, String(100 * share)));
    }
    const goal = { x1: x(town.target), x2: x(town.target), y1: 4, y2: bottom };
    picture.append(draw("line", { ...goal, stroke: RED, "stroke-width": 2, "stroke-dasharray": "5 4" }));
    one.results.forEach(({ at: [rate, low, high], cells }, i) => {
      const y = 8 + step * (i + 0.5);
      picture.append(draw("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, cells[0]));
      picture.append(draw("line", { x1: x(low), x2: x(high), y1: y, y2: y, stroke: BLUE, "stroke-width": 3 }));
      picture.append(draw("circle", { cx: x(rate), cy: y, r: 6, fill: BLUE }));
    });
    return picture;
  };

  const funnel = (one) => {
    const { dots, limits, mean, ticks, span, horizon } = town.funnel;
    const full = Math.max(280, Math.min(640, result.clientWidth));
    const [left, right, top, bottom, height] = [44, full - 46, 20, 236, 290];
    const scale = (n) => Math.log(n / span[0]) / Math.log(span[1] / span[0]);
    const x = (n) => left + (right - left) * Math.max(0, scale(n));
    const y = (share) => bottom - (bottom - top) * share;
    const [n, share] = one.dot;
    const cells = one.results[0].cells;
    const label = fill(w.funnel_picture, { when: horizon, name: one.name, share: cells[2], n: cells[1] });
    const picture = draw("svg", { class: "chart", viewBox: `0 0 ${full} ${height}`, role: "img", "aria-label": label });
    const text = (properties, words) => picture.append(draw("text", properties, words));
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(draw("line", { x1: left, x2: right, y1: y(part), y2: y(part), stroke: PALE }));
      text({ x: left - 8, y: y(part) + 4, "text-anchor": "end" }, String(100 * part));
    }
    for (const [tick, words] of ticks) text({ x: x(tick), y: bottom + 18, "text-anchor": "middle" }, words);
    text({ x: (left + right) / 2, y: height - 12, "text-anchor": "middle" }, w.persons);
    text({ x: 4, y: 12 }, w.percent_axis);
    limits.forEach((line, outer) => {
      for (const side of [1, 2]) {
        const points = line.points.map((point) => `${x(point[0]).toFixed(1)},${y(point[side]).toFixed(1)}`).join(" ");
        picture.append(draw("polyline", { points, fill: "none", stroke: INK, "stroke-width": outer ? 1.5 : 0.8 }));
      }
      const last = line.points[line.points.length - 1];
      text({ x: right + 4, y: y(last[2]) + (outer ? -4 : 6), class: "small" }, line.level);
    });
    if (mean) picture.append(draw("line", { x1: left, x2: right, y1: y(mean), y2: y(mean), stroke: INK, "stroke-dasharray": "2 3" }));
    const cloud = dots.map(([m, rate]) => `M${x(m).toFixed(1)} ${y(rate).toFixed(1)}h0`).join("");
    picture.append(draw("path", { d: cloud, stroke: "#6b7f8f", "stroke-width": 4, "stroke-linecap": "round" }));
    picture.append(draw("circle", { cx: x(n), cy: y(share), r: 8, fill: RED, stroke: "#fff", "stroke-width": 2 }));
    return picture;
  };

  const part = (title, ...nodes) => result.append(make("h4", title), ...nodes);
  const goal = fill(w.verdict, { target: w.target });
  const inCounty = (one) => {
    const heads = [w.town, w.n, w.share, w.interval, goal];
    part(w.county_towns, make("p", `${w.county_note} ${w.pooled}`), table(w.county_towns, heads, one.towns, "towns"));
  };
  const inTown = (one) => {
    const picture = one.dot.length ? [funnel(one)] : [];
    part(w.funnel, ...picture, ...one.funnel.map((text) => make("p", text)));
    if (one.adjusted.length) part(w.adjusted, make("p", w.adjusted_note), table(w.adjusted, [w.tier, w.share, w.interval], one.adjusted, "adjusted"));
    else part(w.adjusted, make("p", w.none_adjusted));
    const near = [w.town, w.population, w.centrality, w.unemployment, w.n, w.share, w.interval];
    if (one.similar.length) part(w.similar, make("p", w.similar_note), table(w.similar, near, one.similar, "similar", one.code));
    else part(w.similar, make("p", w.no_similar));
    if (one.series.length) part(w.series, table(w.series, [w.year, w.n, w.successes, w.share], one.series, "series"));
    else part(w.series, make("p", w.no_series));
    const heads = [w.wave, w.dimension, w.score, w.interval, w.answers, w.everyone];
    if (one.survey.length) part(w.survey, make("p", w.survey_note), table(w.survey, heads, one.survey, "survey"));
    else part(w.survey, make("p", w.no_survey));
  };
  const show = (one) => {
    result.replaceChildren(make("h3", labelOf(one)));
    if (stamp) result.append(make("p", stamp, { class: "stamp" }));
    const heads = [w.moment, w.n, w.share, w.interval, goal, w.rank];
    const rows = one.results.map((line) => line.cells);
    part(w.results, make("p", one.pooled || w.pooled), chart(one), table(w.results, heads.slice(0, rows[0].length), rows, "results"));
    if (one.county) inCounty(one);
    else inTown(one);
    result.append(make("p", `${w.symbols} ${w.note}`, { class: "from" }));
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

  const plain = (text) => text.trim().toLowerCase();
  // Names that begin so come before names that hold it; a county comes after municipalities of its name.
  const matches = (text) => {
    const wanted = plain(text);
    if (!wanted) return [];
    const place = (one) => {
      const name = plain(one.name);
      if (one.code === wanted || name === wanted || plain(labelOf(one)) === wanted) return 0;
      return name.startsWith(wanted) || one.code.startsWith(wanted) ? 1 : name.includes(wanted) ? 2 : 3;
    };
    return places.map((one) => [place(one), one]).filter(([order]) => order < 3).sort((a, b) => a[0] - b[0]).map(([, one]) => one);
  };
  const bigrams = (text) => new Set([...plain(text)].map((sign, i, all) => sign + (all[i + 1] || " ")));
  const alike = (text) => {
    const own = bigrams(text);
    const score = (one) => {
      const other = bigrams(one.name);
      return (2 * [...own].filter((pair) => other.has(pair)).length) / (own.size + other.size);
    };
    return places.map((one) => [score(one), one]).filter(([near]) => near > 0.3).sort((a, b) => b[0] - a[0]).slice(0, 3).map(([, one]) => labelOf(one));
  };
  const missing = (text) => {
    const hidden = town.hidden.find(([code, name]) => [code, plain(name)].includes(plain(text)));
    if (hidden) return fill(w.hidden, { name: labelOf({ code: hidden[0], name: hidden[1] }) });
    const near = alike(text);
    return near.length ? `${w.none} ${fill(w.near, { names: near.join(` ${w.or} `) })}` : w.none;
  };

  let options = [];
  let active = -1;
  const close = () => {
    [options, active, list.hidden] = [[], -1, true];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (at) => {
    active = (at + options.length) % options.length;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", `town-option-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    options = matches(input.value).slice(0, 12);
    if (!options.length) return close();
    list.replaceChildren(
      ...options.map((one, i) => {
        const item = make("li", labelOf(one), { role: "option", id: `town-option-${i}`, "aria-selected": "false" });
        item.addEventListener("mousedown", (event) => event.preventDefault());
        item.addEventListener("click", () => choose(one));
        return item;
      }),
    );
    [active, list.hidden] = [-1, false];
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
    status.textContent = fill(w.matches, { count: options.length });
  };
  const choose = (one, keep = true) => {
    close();
    show(one);
    if (keep) history.replaceState(null, "", `#municipality=${one.code}`);
  };
  const submit = () => {
    const found = active >= 0 ? options[active] : matches(input.value)[0];
    if (found) return choose(found);
    close();
    result.replaceChildren();
    status.textContent = input.value.trim() ? missing(input.value) : "";
  };
  const fromAddress = () => {
    const match = location.hash.match(/^#municipality=(\d{2}|\d{4})(&print)?$/);
    if (!match) return;
    const found = byCode.get(match[1]);
    if (found) choose(found, false);
    else [status.textContent] = [missing(match[1]), result.replaceChildren()];
    document.body.classList.toggle("only-town", Boolean(found && match[2]));
    byId("municipality").scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", open);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (list.hidden) open();
    if (options.length) point(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
  });
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
