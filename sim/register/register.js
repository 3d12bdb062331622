"use strict";
// Sorts, searches and filters the register. The table is whole without it.
(() => {
  const table = document.getElementById("register");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const count = document.getElementById("count");
  const controls = document.getElementById("controls");
  const picked = { sure: null, tier: null };

  function control(label, element, id) {
    const holder = document.createElement("label");
    holder.htmlFor = id;
    holder.textContent = label;
    element.id = id;
    holder.append(element);
    controls.append(holder);
    return element;
  }

  function choice(label, key) {
    const select = document.createElement("select");
    const values = Array.from(new Set(rows.map((row) => row.dataset[key])));
    for (const value of ["", ...values]) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = value || "all";
      select.append(option);
    }
    select.addEventListener("change", show);
    return control(label, select, "by-" + key);
  }

  const search = document.createElement("input");
  search.type = "search";
  control("Search in all columns", search, "search");
  search.addEventListener("input", show);
  const kind = choice("What", "kind");
  const risk = choice("Risk", "risk");
  const clear = document.createElement("button");
  clear.type = "button";
  clear.textContent = "Show all";
  clear.addEventListener("click", () => {
    search.value = kind.value = risk.value = "";
    picked.sure = picked.tier = null;
    show();
  });
  controls.append(clear);

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      const data = row.dataset;
      const fits =
        (!kind.value || data.kind === kind.value) &&
        (!risk.value || data.risk === risk.value) &&
        (picked.sure === null ||
          (data.kind === "parameter" && data.sure === picked.sure && data.tier === picked.tier)) &&
        words.every((word) => texts[i].includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = shown + " of " + rows.length + " assumptions";
  }

  // a cell of the matrix shows the parameters that it counts
  for (const cell of document.querySelectorAll("td[data-sure]")) {
    if (!cell.textContent) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    button.setAttribute("aria-label", cell.textContent + " parameters: show them");
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      search.value = kind.value = risk.value = "";
      picked.sure = cell.dataset.sure;
      picked.tier = cell.dataset.tier;
      show();
      document.getElementById("all").scrollIntoView();
    });
  }

  function key(row, column, how) {
    const cell = row.cells[column];
    return how === "number" ? Number(cell.dataset.v) : cell.textContent.toLowerCase();
  }

  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const how = head.dataset.sort;
    if (!how) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      // numbers begin with the largest: the worst first
      const first = how === "number" ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keyed = rows.map((row, i) => [key(row, column, how), i, row]);
      keyed.sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1]));
      body.append(...keyed.map((entry) => entry[2]));
    });
  });
})();
