"use strict";
(() => {
  const table = document.getElementById("students"), body = table.tBodies[0];
  const text = document.getElementById("text"), which = document.getElementById("which"), count = document.getElementById("count");
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const full = Number(table.dataset.full);
  const rows = Array.from(body.rows, (row, place) => {
    const cells = row.cells;
    return { row, place, id: cells[0].textContent, mark: Number(row.dataset.m), signs: cells[2].textContent,
      told: cells[3].textContent, near: row.dataset.g !== undefined, look: cells[0].textContent.toLowerCase() };
  });
  const solved = (row) => row.signs.split("✓").length - 1;
  const orders = { id: (a, b) => words.compare(a.id, b.id), mark: (a, b) => a.mark - b.mark,
    signs: (a, b) => solved(a) - solved(b), told: (a, b) => words.compare(a.told, b.told) };
  const shows = { "": () => true, full: (r) => r.mark >= full, part: (r) => r.mark < full, look: (r) => r.told !== "", near: (r) => r.near };

  function sort(head) {
    const falling = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const order = orders[head.dataset.key];
    rows.sort((a, b) => (falling ? order(b, a) : order(a, b)) || a.place - b.place);
    const all = document.createDocumentFragment();
    for (const { row } of rows) all.append(row);
    body.append(all);
  }

  function filter() {
    const wanted = text.value.trim().toLowerCase(), show = shows[which.value];
    let seen = 0;
    for (const one of rows) {
      const hidden = !(show(one) && one.look.includes(wanted));
      if (one.row.hidden !== hidden) one.row.hidden = hidden;
      seen += !hidden;
    }
    count.textContent = seen + " of " + rows.length + " students";
  }

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    head.replaceChildren(button);
  }
  text.addEventListener("input", filter);
  which.addEventListener("change", filter);
  document.getElementById("find").hidden = false;
  filter();
})();
