// What the playground's page needs beside pages.js: chats show their newest line, documents
// begin where the two sides differ, and on a phone's screen panes say that they have news.
"use strict";

(() => {
  const chats = ["r-chat", "r-thread"];
  const documents = ["r-platform", "r-business"];
  const pane = (element) => element?.closest(".pane");

  const down = () => {
    for (const chat of document.querySelectorAll(".chat")) chat.scrollTop = chat.scrollHeight;
  };

  // A line that is new moves in; one that is drawn again does not.
  const lines = new Map();
  const count = (place) => document.querySelectorAll("#" + place + " .bubble").length;
  const arrive = (place) => {
    const before = lines.get(place);
    lines.set(place, count(place));
    if (lines.get(place) !== before + 1) return;
    [...document.querySelectorAll("#" + place + " .bubble")].pop().classList.add("arrived");
  };

  const differ = (place) => {
    const doc = document.querySelector("#" + place + " .doc");
    const mark = doc?.querySelector("mark, del, ins");
    if (mark) doc.scrollTop = Math.max(0, mark.getBoundingClientRect().top - doc.getBoundingClientRect().top - 60);
  };

  // What is chosen in a list is in view, as soon as something else is chosen.
  const current = new Map();
  const reveal = (place, list) => {
    const chosen = document.querySelector("#" + place + " [aria-current]");
    if (!chosen || current.get(place) === chosen.id) return;
    current.set(place, chosen.id);
    const box = list(), at = chosen.getBoundingClientRect(), within = box.getBoundingClientRect();
    if (at.top < within.top || at.bottom > within.bottom) box.scrollTop += at.top - within.top;
    if (at.left < within.left || at.right > within.right) box.scrollLeft += at.left - within.left;
  };
  const revealAll = () => {
    reveal("r-events", () => document.getElementById("r-events"));
    current.delete("r-threads"); // its box is drawn anew each time
    reveal("r-threads", () => document.querySelector(".threads"));
  };

  // news marks the tab of a pane that changed while another one is in front.
  const tabOf = (element) => document.querySelector('[aria-controls="' + pane(element)?.id + '"]');
  const news = (place) => {
    const tab = tabOf(document.getElementById(place));
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.dataset.news = "";
  };

  document.addEventListener("bauta:patch", ({ detail: { place } }) => {
    if (chats.includes(place)) {
      arrive(place);
      down();
    }
    if (documents.includes(place)) differ(place);
    revealAll();
    if (chats.includes(place) || documents.includes(place)) news(place);
  });

  // The pane in front is remembered until the window is closed.
  const remembered = "bauta-pane";
  document.addEventListener("bauta:tab", ({ detail: { tab } }) => {
    delete tab.dataset.news;
    sessionStorage.setItem(remembered, tab.id);
    down();
    documents.forEach(differ);
    current.clear();
    revealAll();
  });

  // A step of the guide leads to where one sees what it did.
  document.addEventListener("bauta:sent", ({ detail: { form } }) => {
    const tab = form.dataset.then && document.getElementById("tab-" + form.dataset.then);
    if (tab?.checkVisibility()) window.bauta.choose(tab, false);
  });

  chats.forEach((place) => lines.set(place, count(place)));
  documents.forEach(differ);
  down();
  revealAll();
  const tab = document.getElementById(sessionStorage.getItem(remembered) || "");
  if (tab) window.bauta.choose(tab, false);
})();
