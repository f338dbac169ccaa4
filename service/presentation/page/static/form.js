"use strict";
// The form works without this: it only folds empty rows and days away, and adds more of them.
const FIRST_ROWS = 1;
const FIRST_DAYS = 2;
const form = document.getElementById("form");

function isFilled(element) {
  if (element.querySelector("[aria-invalid]")) return true;
  return [...element.querySelectorAll("input, select")].some((each) => (each.type === "checkbox" ? each.checked : each.value !== ""));
}

function lastFilled(elements) {
  return elements.reduce((last, each, index) => (isFilled(each) ? index : last), -1);
}

function renamed(row, number) {
  // A new row is the last one with another number, and with nothing in it.
  const copy = row.cloneNode(true);
  const before = copy.dataset.prefix;
  const after = before.replace(/\d+\.$/, `${number}.`);
  copy.dataset.prefix = after;
  for (const each of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of ["id", "name", "for", "data-prefix"]) {
      const value = each.getAttribute(name);
      if (value && value.startsWith(before)) each.setAttribute(name, after + value.slice(before.length));
    }
    each.removeAttribute("aria-invalid");
    each.removeAttribute("aria-describedby");
    if (each.tagName === "INPUT") each.value = "";
    if (each.tagName === "SELECT") each.selectedIndex = 0;
  }
  for (const problem of copy.querySelectorAll(".field-problem, button.add")) problem.remove();
  copy.querySelector(".number").textContent = String(number + 1);
  for (const inner of copy.querySelectorAll(".entries")) foldRows(inner);
  return copy;
}

function focusFirst(element) {
  const first = element.querySelector("input, select");
  if (first) first.focus();
}

function adding(text, add) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "add";
  button.textContent = text;
  button.addEventListener("click", add);
  return button;
}

function foldRows(entries) {
  const rows = () => [...entries.children];
  const shown = Math.max(lastFilled(rows()) + 1, FIRST_ROWS);
  rows().forEach((row, index) => { row.hidden = index >= shown; });
  entries.after(adding(entries.dataset.add, () => {
    let next = rows().find((row) => row.hidden);
    if (!next) {
      next = renamed(rows()[rows().length - 1], rows().length);
      entries.append(next);
    }
    next.hidden = false;
    focusFirst(next);
  }));
}

function foldDays(table) {
  const cells = (day) => [...table.querySelectorAll(`[data-day="${day}"]`)];
  const days = [...table.querySelectorAll("thead [data-day]")].map((each) => each.dataset.day);
  const filled = days.reduce((last, day, index) => (cells(day).some(isFilled) ? index : last), -1);
  days.forEach((day, index) => cells(day).forEach((cell) => { cell.hidden = index >= Math.max(filled + 1, FIRST_DAYS); }));
  const button = adding(table.dataset.add, () => {
    const next = days.find((day) => cells(day)[0].hidden);
    if (next === undefined) return;
    cells(next).forEach((cell) => { cell.hidden = false; });
    button.hidden = next === days[days.length - 1];
    focusFirst(cells(next)[0]);
  });
  button.hidden = !days.some((day) => cells(day)[0].hidden);
  table.after(button);
}

for (const entries of form.querySelectorAll(".entries:not(.keyed)")) foldRows(entries);
for (const table of form.querySelectorAll(".samples")) foldDays(table);

const problems = document.getElementById("problems");
if (problems) problems.focus();

document.addEventListener("click", (event) => {
  // A link to a field inside a folded part unfolds it.
  const link = event.target.closest("#problems a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  for (let part = field.parentElement; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
    if (part.hidden) part.hidden = false;
  }
  event.preventDefault();
  field.focus();
});
