"use strict";
// The page works without this: it shows a button that prints, and on a narrow screen the latest end of the course.
for (const button of document.querySelectorAll("button.print")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const timeline of document.querySelectorAll(".timeline")) {
  timeline.scrollLeft = timeline.scrollWidth;
}
