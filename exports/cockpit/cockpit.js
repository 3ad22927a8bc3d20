// The page's behaviour: pages, filters, charts, tables behind charts, CSV files, age of the data.
// Every word and every sentence comes from the model; this file knows no language.
async function unpack(id) {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const model = JSON.parse(await unpack("model"));
// Charts wait for their library; the page's own words do not.
const library = unpack("vega").then((code) => new Function(code)());
const state = { ...model.state };
const root = document.documentElement;
const decimalMark = new Intl.NumberFormat(model.locale).format(1.5)[1];
const month = new Intl.DateTimeFormat(model.locale, { month: "long", year: "numeric" });
const day = new Intl.DateTimeFormat(model.locale, { dateStyle: "medium" });
const SHARES = /share_|_share$|_rate$|^wape|^coverage/;
const SMALL_CHART = 230;
const SMALL_CHART_AXIS = 46;
const FEW_CHARTS = 2;
const FEW_CHARTS_HEIGHT = 180;
const NARROW = 520;
const NARROW_LABEL = 17;
const LETTER = 6.8;

const NOTHING = { empty: true, columns: [], rows: [] };

// A variant has its own rows, or names a pool and which of its rows: from, to, from, to ...
function chosen(figure) {
  const variant = figure.variants[figure.filters.map((name) => state[name]).join("|")];
  if (!variant) return { ...NOTHING, finding: figure.none };
  if (variant.empty) return { ...NOTHING, finding: variant.finding };
  if (!variant.at) return variant;
  const pool = figure.pools[variant.pool];
  const rows = [];
  for (let i = 0; i < variant.at.length; i += 2) rows.push(...pool.rows.slice(variant.at[i], variant.at[i + 1]));
  return { ...variant, columns: pool.columns, rows };
}

const localMidnight = (value) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00` : value;

const records = (variant) =>
  variant.rows.map((row) =>
    Object.fromEntries(row.map((value, i) => [variant.columns[i], localMidnight(value)])));

// Charts

// On a phone the names of bars take more lines and leave the bars their room.
function folded(text, limit) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line && line.length + word.length >= limit) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

function narrowed(spec) {
  spec.data.values.forEach((row) => { row.name = folded(row.name, NARROW_LABEL).join("\n"); });
  const lines = spec.data.values.map((row) => row.name.split("\n").length);
  spec.height = Math.max(spec.height, lines.length * (12 + 14 * Math.max(1, ...lines)));
  spec.encoding.y.sort = spec.data.values.map((row) => row.name);
}

// A name in the legend that is longer than the chart is wide ends in dots; the table has it whole.
function limitLegends(spec, width) {
  for (const layer of spec.layer ?? spec.spec.layer) {
    for (const channel of Object.values(layer.encoding ?? {})) {
      if (channel?.legend) channel.legend.labelLimit = width - 40;
    }
  }
}

// What a chart has room for and something to show of; its table has every row.
function drawn(figure, variant) {
  const all = records(variant);
  const known = (row) => figure.series.some((name) => row[name] !== null && row[name] !== undefined);
  if (!figure.series.length) return all;
  if (variant.bars) return all.filter(known).slice(0, variant.bars);
  if (!figure.small) return all;
  const names = new Set(all.filter(known).map((row) => row.name));
  return all.filter((row) => names.has(row.name));
}

function sized(figure, variant, plot) {
  const spec = structuredClone(figure.spec);
  const width = plot.clientWidth;
  spec.data.values = drawn(figure, variant);
  if (spec.title) spec.title.text = folded(spec.title.text, width / LETTER);
  if (variant.height) {
    spec.height = variant.height;
    spec.encoding.y.sort = spec.data.values.map((row) => row.name);
    if (width < NARROW) narrowed(spec);
  }
  limitLegends(spec, width);
  if (!figure.small) return { ...spec, width: "container" };
  const names = new Set(spec.data.values.map((row) => row.name)).size;
  const room = Math.max(1, Math.floor(width / SMALL_CHART));
  // Few charts share the room there is, and grow with it.
  spec.columns = Math.min(room, Math.max(names, FEW_CHARTS));
  if (spec.columns === FEW_CHARTS) spec.spec.height = FEW_CHARTS_HEIGHT;
  spec.spec.width = Math.floor(width / spec.columns) - SMALL_CHART_AXIS - 4;
  spec.facet.header.labelLimit = spec.spec.width + SMALL_CHART_AXIS / 2;
  return spec;
}

async function draw(element) {
  const figure = model.figures[element.dataset.figure];
  const variant = chosen(figure);
  const plot = element.querySelector(".plot");
  element.querySelector("h3").textContent = variant.finding;
  plot.setAttribute("aria-label", `${figure.spec.description}. ${variant.finding}`);
  plot.hidden = variant.empty;
  element.querySelector(".under").hidden = variant.empty;
  element.view?.finalize();
  element.view = undefined;
  fill(element);
  if (variant.empty) return;
  await library;
  const options = { mode: "vega-lite", renderer: "svg", actions: false, tooltip: false, logLevel: 1, ...model.vega };
  element.view = await window.vegaEmbed(plot, sized(figure, variant, plot), options);
  // The container carries the alternative text; what vega-embed adds to it would be read twice.
  plot.setAttribute("role", "img");
  plot.querySelector("svg")?.setAttribute("aria-hidden", "true");
}

// The table behind a chart

function shown(figure, name, record) {
  const value = record[name];
  if (value === null || value === undefined) return record.suppressed ? model.texts.suppressed : model.texts.missing;
  if (name === "month") return month.format(new Date(localMidnight(value)));
  if (name.endsWith("_on")) return day.format(new Date(localMidnight(value)));
  if (name === "status") return model.texts[`status_${value}`];
  if (name === "year" || typeof value === "string") return String(value).replaceAll("\n", " ");
  const share = figure.forms[name] === "share" || SHARES.test(name);
  const whole = ["million", "thousand", "number"].includes(figure.forms[name]);
  const digits = share ? 1 : !whole && (name === "persons" || (Math.abs(value) < 1000 && value % 1)) ? 1 : 0;
  return new Intl.NumberFormat(model.locale, {
    style: share ? "percent" : "decimal", minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);
}

function fill(element) {
  const details = element.querySelector("details");
  const place = details.querySelector(".scroll");
  place.replaceChildren();
  if (!details.open) return;
  const figure = model.figures[element.dataset.figure];
  const variant = chosen(figure);
  const names = Object.keys(figure.columns).filter((name) => variant.columns.includes(name));
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  names.forEach((name) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = figure.columns[name];
    head.append(cell);
  });
  const body = table.createTBody();
  records(variant).forEach((record) => {
    const row = body.insertRow();
    names.forEach((name, i) => {
      const cell = document.createElement(i ? "td" : "th");
      if (!i) cell.scope = "row";
      cell.textContent = shown(figure, name, record);
      row.append(cell);
    });
  });
  place.append(table);
}

// CSV as Excel in this language opens it: mark of byte order, semicolons, decimal mark

function field(value) {
  let text = value === null || value === undefined ? "" : String(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return text.replace(".", decimalMark);
  if (/^[=+@\t]/.test(text)) text = `'${text}`;
  return /[";\n]/.test(text) ? `"${text.replaceAll('"', '""').replaceAll("\n", " ")}"` : text;
}

const csv = (rows) => "\ufeff" + rows.map((row) => row.map(field).join(";")).join("\r\n") + "\r\n";

function figureRows(element) {
  const figure = model.figures[element.dataset.figure];
  const variant = chosen(figure);
  const names = Object.keys(figure.columns).filter((name) => variant.columns.includes(name));
  const at = names.map((name) => variant.columns.indexOf(name));
  const hidden = variant.columns.indexOf("suppressed");
  const cell = (row, i) => row[i] ?? (row[hidden] ? model.texts.suppressed : null);
  return [names.map((name) => figure.columns[name]), ...variant.rows.map((row) => at.map((i) => cell(row, i)))];
}

const tableRows = (table) =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.dataset.v ?? cell.textContent.trim()));

function offer(link) {
  const figure = link.closest("[data-figure]");
  const rows = figure ? figureRows(figure) : tableRows(document.getElementById(link.dataset.table));
  const name = figure
    ? [figure.dataset.figure, ...model.figures[figure.dataset.figure].filters.map((key) => state[key])]
    : [link.dataset.table];
  link.download = `${model.file_prefix}-${name.join("-").replace(/[^\w.-]+/g, "_")}.csv`;
  if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([csv(rows)], { type: "text/csv;charset=utf-8" }));
}

// Pages and filters, kept in the address

const everyPage = [...document.querySelectorAll("main > section")];
const links = [...document.querySelectorAll("nav a")];
const isShown = (element) => !element.closest("section").hidden;

function turnTo(page) {
  everyPage.forEach((section) => { section.hidden = page !== "all" && section.id !== page; });
  const used = new Set(everyPage.filter((section) => !section.hidden)
    .flatMap((section) => section.dataset.filters.split(" ")));
  document.querySelectorAll(".filters select").forEach((select) => {
    select.closest("label").hidden = !used.has(select.name);
  });
  links.forEach((link) => {
    link.href = `#${new URLSearchParams({ ...state, page: link.dataset.page })}`;
    if (link.dataset.page === page) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

function tiles(list) {
  return list.map((tile) => {
    const box = document.createElement("div");
    box.className = `tile ${tile.tone}`;
    for (const part of ["label", "value", "note"]) {
      const line = document.createElement("p");
      line.className = part;
      line.textContent = tile[part];
      box.append(line);
    }
    return box;
  });
}

function show(changed) {
  turnTo(state.page);
  const summary = model.summaries[`${state.year}|${state.area}`];
  const none = model.figures.cumulative.none;
  document.getElementById("headline").textContent = summary?.headline ?? none;
  document.getElementById("tiles").replaceChildren(...tiles(summary?.tiles ?? []));
  document.querySelectorAll("[data-filter]").forEach((group) => {
    const key = state[group.dataset.filter];
    let found = false;
    group.querySelectorAll("[data-key]").forEach((item) => {
      item.hidden = item.dataset.key !== key;
      found ||= !item.hidden;
    });
    group.querySelector("[data-none]").hidden = found;
  });
  document.querySelectorAll("[data-figure]").forEach((element) => {
    const { filters } = model.figures[element.dataset.figure];
    if (!changed.length || filters.some((name) => changed.includes(name))) stale.add(element);
  });
  drawPending();
}

// Charts are drawn one by one from the top, so that the first can be read while the rest come;
// those of other pages when their page is opened.
const stale = new Set();
let drawing = false;

async function drawPending() {
  if (drawing) return;
  drawing = true;
  root.dataset.charts = "drawing";
  const waiting = () => [...document.querySelectorAll("[data-figure]")]
    .find((element) => stale.has(element) && isShown(element));
  for (let next = waiting(); next; next = waiting()) {
    stale.delete(next);
    try {
      await draw(next);
    } catch (error) {
      console.error(next.dataset.figure, error);
    }
    await new Promise((resume) => setTimeout(resume));
  }
  drawing = false;
  root.dataset.charts = "drawn";
}

function readAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const select of document.querySelectorAll(".filters select")) {
    const value = wanted.get(select.name);
    const possible = [...select.options].some((option) => option.value === value);
    state[select.name] = possible ? value : model.state[select.name];
    select.value = state[select.name];
  }
  const page = wanted.get("page");
  state.page = links.some((link) => link.dataset.page === page) ? page : model.state.page;
}

document.querySelector(".filters").addEventListener("change", (event) => {
  state[event.target.name] = event.target.value;
  history.replaceState(null, "", `#${new URLSearchParams(state)}`);
  show([event.target.name]);
});
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  const before = { ...state };
  readAddress();
  const changed = Object.keys(state).filter((name) => state[name] !== before[name]);
  if (!changed.length) return;
  show(changed);
  if (!changed.includes("page")) return;
  const target = document.getElementById(state.page === "all" ? "content" : state.page);
  target.focus({ preventScroll: true });
  scrollTo(0, 0);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link?.matches(".csv")) offer(link);
  else if (link?.matches(".skip")) {
    event.preventDefault();
    document.getElementById("content").focus();
  }
});
document.querySelectorAll("[data-figure] details").forEach((details) =>
  details.addEventListener("toggle", () => fill(details.closest("[data-figure]"))));

// Age of the data, at the moment of reading

function age() {
  const loaded = document.getElementById("loaded");
  if (!loaded) return;
  const hours = Math.max(0, Math.floor((Date.now() - new Date(loaded.dateTime)) / 36e5));
  const old = hours > model.stale_after_hours;
  const text = old ? model.texts.stale : model.texts.age;
  const place = document.getElementById("age");
  place.textContent = `(${text.replace("{hours}", hours.toLocaleString(model.locale))})`;
  place.classList.toggle("stale", old);
}
age();
setInterval(age, 6e5);

// Light and dark: the system's choice until the reader makes one

const button = document.getElementById("theme");
const isDark = () => root.dataset.theme
  ? root.dataset.theme === "dark"
  : matchMedia("(prefers-color-scheme: dark)").matches;
const nameButton = () => { button.textContent = isDark() ? model.texts.light : model.texts.dark; };
button.hidden = false;
button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; nameButton(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameButton);
nameButton();

// Small charts stand in as many columns as there is room for

let width = innerWidth;
let waiting;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(() => document.querySelectorAll("[data-figure]").forEach((element) => {
    const figure = model.figures[element.dataset.figure];
    if (figure.small || figure.spec.encoding?.y?.field === "name") stale.add(element);
    drawPending();
  }), 150);
});

readAddress();
show([]);
