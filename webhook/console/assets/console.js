// The console: logging in by a link, ticking all boxes. Everything works without it.
"use strict";

(() => {
  // The token of a login link is behind the #, which no server, log or Referer sees. It is
  // taken out of the address, and so out of the history, before it is sent.
  function enter() {
    const form = document.getElementById("login");
    const token = location.hash.slice(1);
    if (!form || !token) return;
    history.replaceState(null, "", location.pathname + location.search);
    form.elements.token.value = token;
    form.requestSubmit();
  }
  // Also for a link that is followed while the login page is open.
  addEventListener("hashchange", enter);
  enter();

  // Boxes that tick all others of their form.
  for (const all of document.querySelectorAll("[data-all]")) {
    all.hidden = false;
    const others = () => [...all.closest("form").querySelectorAll('input[name="id"]')];
    all.addEventListener("change", () => others().forEach((box) => (box.checked = all.checked)));
    all.closest("form").addEventListener("change", () => (all.checked = others().every((box) => box.checked)));
  }

  // What was chosen is shown at once.
  for (const choice of document.querySelectorAll("form[data-choose]")) {
    choice.querySelector("button").hidden = true;
    choice.addEventListener("change", () => choice.requestSubmit());
  }

  // On a phone the navigation is wider than the page: the page that is shown is in view.
  const here = document.querySelector(".nav [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 16;

  // An answer that the page was made for is where the reader should be.
  document.getElementById("trial")?.focus();
})();
