// Keys on the worklist: j and k move, Enter opens, a accepts, r returns, / finds, ? helps. They can be switched off (WCAG 2.1.4).
"use strict";

(() => {
  const dialog = document.getElementById("keys");
  const off = document.getElementById("keys-off");
  if (!dialog) return;
  const kept = "santiao.keys";
  const isOff = () => { try { return localStorage.getItem(kept) === "off"; } catch { return false; } };
  if (off) {
    off.checked = !isOff();
    off.addEventListener("change", () => { try { localStorage.setItem(kept, off.checked ? "on" : "off"); } catch { /* not kept, then */ } });
  }
  document.getElementById("keys-show")?.addEventListener("click", () => dialog.showModal());
  document.getElementById("keys-close")?.addEventListener("click", () => dialog.close());

  const links = () => [...document.querySelectorAll("a.case-link")];
  const here = () => links().findIndex((link) => link.closest("[data-case]")?.contains(document.activeElement));

  function move(by) {
    const all = links();
    if (!all.length) return;
    const place = here();
    const next = place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, place + by));
    all[next].focus();
    all[next].closest("[data-case]").scrollIntoView({ block: "nearest" });
  }

  function act(name) {
    const row = document.activeElement?.closest?.("[data-case]") ?? document.querySelector("main[data-case]");
    row?.querySelector(`[data-act="${name}"]`)?.click();
  }

  const deeds = {
    j: () => move(1),
    k: () => move(-1),
    a: () => act("accept"),
    r: () => act("return"),
    "/": () => document.getElementById("find")?.focus(),
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (isOff() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
})();
