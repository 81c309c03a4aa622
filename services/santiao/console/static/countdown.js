// Counting down to ends of clocks, from the hub's own time. Nothing is read aloud: the words stand in no live region.
"use strict";

const Countdown = (() => {
  const root = document.documentElement;
  const begun = performance.now();
  const now = () => Number(root.dataset.now) + (root.dataset.stands === "yes" ? 0 : performance.now() - begun);
  const chinese = root.lang !== "en";
  let paused = false;

  function words(left) {
    const late = left < 0;
    const seconds = Math.floor(Math.abs(left) / 1000);
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    let told;
    if (chinese) {
      if (days) told = `${days}天${hours ? `${hours}小时` : ""}`;
      else if (hours) told = `${hours}小时${minutes}分`;
      else told = `${minutes}分${String(seconds % 60).padStart(2, "0")}秒`;
      return late ? `已超 ${told}` : `剩 ${told}`;
    }
    if (days) told = `${days} d${hours ? ` ${hours} h` : ""}`;
    else if (hours) told = `${hours} h ${minutes} min`;
    else told = `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
    return late ? `${told} over` : `${told} left`;
  }

  function show() {
    if (paused) return;
    const moment = now();
    for (const place of document.querySelectorAll("[data-due]")) {
      const told = words(Number(place.dataset.due) - moment);
      if (place.textContent !== told) place.textContent = told;
      if (Number(place.dataset.due) < moment) overdue(place);
    }
  }

  // A clock that ends while it is looked at changes its sign as well as its words.
  function overdue(place) {
    const badge = place.closest("[data-urgency]")?.querySelector("[data-badge]");
    const model = document.getElementById("overdue-badge");
    if (!badge || !model || place.closest("[data-urgency]").dataset.urgency === "overdue") return;
    place.closest("[data-urgency]").dataset.urgency = "overdue";
    badge.replaceWith(model.content.cloneNode(true));
  }

  show();
  if (root.dataset.stands !== "yes") window.setInterval(show, 1000);
  return { now, show, pause: (value) => { paused = value; } };
})();
