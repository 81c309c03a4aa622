// What every page has: a form is sent once, a small menu closes by itself, keys can be switched off.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
    });
  }
  // Coming back by the browser's own way shows the page as it was; its forms may then be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  const menus = document.querySelectorAll("details.person");
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) {
      if (menu.open) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });

  // On a phone, filters that are not in use are folded away.
  if (window.matchMedia("(max-width: 860px)").matches) {
    for (const fold of document.querySelectorAll("[data-folds-when-narrow]:not([data-in-use])")) fold.open = false;
  }

  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

  // What went wrong is read first.
  const wrong = document.querySelector("[data-take-focus]");
  if (wrong) wrong.focus();
})();
