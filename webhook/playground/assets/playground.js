// What the playground's page needs beside pages.js: chats show their newest line.
"use strict";

(() => {
  const down = () => {
    for (const chat of document.querySelectorAll(".chat")) chat.scrollTop = chat.scrollHeight;
  };
  document.addEventListener("bauta:patch", (event) => {
    if (["r-chat", "r-thread"].includes(event.detail.place)) down();
  });
  document.addEventListener("bauta:tab", down);

  // A document begins where the two sides differ first.
  const differ = (within) => {
    const doc = within?.querySelector(".doc");
    const mark = doc?.querySelector("mark, del, ins");
    if (mark) doc.scrollTop = Math.max(0, mark.getBoundingClientRect().top - doc.getBoundingClientRect().top - 60);
  };
  document.addEventListener("bauta:patch", (event) => {
    if (["r-platform", "r-business"].includes(event.detail.place)) differ(event.detail.at);
  });
  for (const place of ["r-platform", "r-business"]) differ(document.getElementById(place));
  document.addEventListener("bauta:tab", () => ["r-platform", "r-business"].forEach((p) => differ(document.getElementById(p))));
  down();
})();
