// The worklist while one looks at it: what is new is told and waits until it is asked for; keys move from row to row.
"use strict";

(() => {
  const list = document.getElementById("rows");
  const told = document.getElementById("news-told");
  const bar = document.getElementById("news");
  const take = document.getElementById("news-take");
  const pause = document.getElementById("pause");
  const state = document.getElementById("live-state");
  if (!list || !window.EventSource) return;
  const chinese = document.documentElement.lang !== "en";
  let stream = null;
  let paused = false;
  let announced = 0;

  function address(path) {
    const query = new URLSearchParams(location.search);
    query.delete("after");
    query.set("since", list.dataset.position);
    query.set("until", list.dataset.until);
    return `${list.dataset.root}/worklist/${path}?${query}`;
  }

  function say(news) {
    const count = news.fresh + news.changed;
    bar.hidden = count === 0 && !news.is_much;
    if (bar.hidden) return;
    const parts = [];
    if (chinese) {
      if (news.fresh) parts.push(`${news.fresh} 条新`);
      if (news.changed) parts.push(`${news.changed} 条有变化`);
      if (news.is_much) parts.push("更新较多");
      take.querySelector("span").textContent = `${parts.join("，")}，点击显示`;
    } else {
      if (news.fresh) parts.push(`${news.fresh} new`);
      if (news.changed) parts.push(`${news.changed} changed`);
      if (news.is_much) parts.push("much is new");
      take.querySelector("span").textContent = `${parts.join(", ")}: show`;
    }
    // Read aloud only when there is more than was told before, and not more often than every ten seconds.
    const moment = Date.now();
    if (moment - announced > 10000) {
      announced = moment;
      told.textContent = parts.join(chinese ? "，" : ", ");
    }
  }

  function live(word) {
    state.dataset.live = word;
    for (const each of state.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== word;
  }

  function open() {
    if (stream || paused || document.hidden) return;
    stream = new EventSource(address("events"));
    stream.addEventListener("open", () => live("on"));
    stream.addEventListener("news", (event) => {
      say(JSON.parse(event.data));
    });
    stream.addEventListener("ended", () => {
      close();
      live("ended");
    });
    stream.addEventListener("error", () => { if (!paused) live("waiting"); });
  }

  function close() {
    if (stream) stream.close();
    stream = null;
  }

  pause?.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    for (const each of pause.querySelectorAll("[data-when]")) each.hidden = (each.dataset.when === "paused") !== paused;
    Countdown.pause(paused);
    if (paused) { close(); live("paused"); } else { Countdown.show(); open(); }
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
  window.addEventListener("pagehide", close);

  take?.addEventListener("click", async () => {
    take.disabled = true;
    try {
      const answer = await fetch(address("news"), { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) { location.reload(); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      insert(page.querySelectorAll("tr[data-case]"));
      for (const gone of page.querySelectorAll("[data-gone]")) {
        const row = list.querySelector(`tr[data-case="${CSS.escape(gone.dataset.gone)}"]`);
        row?.classList.add("left");
      }
      list.dataset.position = page.querySelector("[data-position]").dataset.position;
      bar.hidden = true;
      told.textContent = "";
      announced = 0;
      Countdown.show();
      close();
      open();
    } finally {
      take.disabled = false;
    }
  });

  function insert(rows) {
    for (const row of rows) {
      const fresh = document.importNode(row, true);
      fresh.classList.add("fresh");
      list.querySelector(`tr[data-case="${CSS.escape(fresh.dataset.case)}"]`)?.remove();
      const due = Number(fresh.dataset.sort);
      const after = [...list.querySelectorAll("tr[data-case]")].find((each) => Number(each.dataset.sort) > due);
      if (after) after.before(fresh); else list.append(fresh);
    }
    document.getElementById("empty")?.remove();
    document.getElementById("table")?.removeAttribute("hidden");
    list.querySelector("tr.fresh a.case-link")?.focus();
  }

  open();
})();
