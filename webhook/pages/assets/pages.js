// What every page can do: live regions, tabs, copying, toasts, forms without a reload.
// Without it pages work as forms and links do.
"use strict";

(() => {
  const one = (selector, within = document) => within.querySelector(selector);

  // say shows a message for a while, and has screen readers say it.
  function say(text, bad = false) {
    const toasts = one("#toasts");
    if (!toasts || !text) return;
    const toast = document.createElement("div");
    toast.className = bad ? "toast bad" : "toast";
    toast.textContent = text;
    toasts.append(toast);
    setTimeout(() => toast.remove(), bad ? 9000 : 4000);
  }

  // patch changes one place, as the server drew it.
  function patch({ place, how, html }) {
    if (how === "reload") return location.reload();
    const at = document.getElementById(place);
    if (!at) return;
    const drawn = document.createElement("template");
    drawn.innerHTML = html;
    const first = drawn.content.firstElementChild;
    const known = first && first.id && document.getElementById(first.id);
    if (how === "remove") at.remove();
    else if (how === "replace") swap(at, drawn.content);
    else if (known) known.replaceWith(drawn.content);
    else if (how === "prepend") at.prepend(drawn.content);
    else at.append(drawn.content);
    document.dispatchEvent(new CustomEvent("bauta:patch", { detail: { place, how, at, first } }));
  }

  // swap keeps what the reader did in a place: what was typed, what is open of what has a
  // name, how far tables are scrolled, and the focus; where what had it is gone, the place
  // gets it, so that nobody is thrown to the top.
  function swap(at, content) {
    const focused = at.contains(document.activeElement) ? document.activeElement : null;
    const typed = [...at.querySelectorAll("input[type=text][id], textarea[id]")].filter((e) => e.value !== e.defaultValue);
    const open = [...at.querySelectorAll("details[open]")].map((e) => e.closest("[id]")).filter((e) => e !== at && at.contains(e)).map((e) => e.id);
    const scrolled = [...at.querySelectorAll(".table-box")].map((e) => e.scrollLeft);
    at.replaceChildren(content);
    for (const was of typed) {
      const is = document.getElementById(was.id);
      if (!is) continue;
      is.value = was.value;
      if (was === focused) is.setSelectionRange(was.selectionStart, was.selectionEnd);
    }
    for (const id of open) {
      const named = document.getElementById(id);
      (named?.matches("details") ? named : named?.querySelector("details"))?.setAttribute("open", "");
    }
    at.querySelectorAll(".table-box").forEach((e, i) => (e.scrollLeft = scrolled[i] || 0));
    if (!focused) return;
    (focused.id && document.getElementById(focused.id))?.focus({ preventScroll: true });
    if (at.contains(document.activeElement)) return;
    if (!at.hasAttribute("tabindex")) at.tabIndex = -1;
    at.focus({ preventScroll: true });
  }

  // live listens to a stream. While one of them is lost the page says that it may be old.
  const lost = new Set();
  let telling;
  function live(element) {
    const source = new EventSource(element.dataset.live + "?from=" + encodeURIComponent(element.dataset.liveFrom || ""));
    const state = (there) => {
      if (there) lost.delete(source);
      else lost.add(source);
      document.documentElement.dataset.live = lost.size ? "off" : "on";
      const tell = () => one("#lost")?.toggleAttribute("hidden", !lost.size);
      // A connection that comes back at once is not worth a word.
      if (lost.size) telling ??= setTimeout(tell, 1500);
      else telling = clearTimeout(telling), tell();
    };
    source.onopen = () => state(true);
    source.onerror = () => {
      state(false);
      // Refused, and not only cut: the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(revive, 5000);
    };
    source.onmessage = (event) => patch(JSON.parse(event.data));
    addEventListener("pagehide", () => source.close());
  }

  // revive loads the page anew as soon as it is there.
  async function revive() {
    try {
      if ((await fetch(location.href, { method: "HEAD" })).ok) return location.reload();
    } catch { /* not yet */ }
    setTimeout(revive, 5000);
  }

  // tabs: arrows move, as the pattern of the ARIA authoring practices says.
  function choose(tab, focus) {
    const list = tab.closest('[role="tablist"]');
    for (const other of list.querySelectorAll('[role="tab"]')) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", chosen);
      other.tabIndex = chosen ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      if (panel) panel.toggleAttribute("data-chosen", chosen);
    }
    if (focus) tab.focus();
    document.dispatchEvent(new CustomEvent("bauta:tab", { detail: { tab } }));
  }

  function arrow(event, tab) {
    const all = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
    const at = all.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(all[(to + all.length) % all.length], true);
  }

  // send posts a form; the answer's text, if any, is said. A second click while the first
  // is under way does nothing.
  async function send(form, by) {
    if (form.getAttribute("aria-busy") === "true") return;
    const body = new URLSearchParams(new FormData(form, by));
    const fields = form.dataset.send === "clear" ? [...form.querySelectorAll("input[type=text], textarea")] : [];
    const typed = fields.map((field) => [field.id, field.value]);
    for (const field of fields) field.value = "";
    const back = () => typed.forEach(([id, text]) => {
      const field = document.getElementById(id);
      if (field && !field.value) field.value = text;
    });
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(by?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body, headers: { Accept: "text/plain" } });
      const text = (await answer.text()).trim();
      if (!answer.ok) {
        back();
        return say(text || answer.statusText, true);
      }
      say(text);
      document.dispatchEvent(new CustomEvent("bauta:sent", { detail: { form } }));
    } catch {
      back();
      say(document.body.dataset.lost, true);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  async function copy(button) {
    const from = document.getElementById(button.dataset.copy);
    const text = from.value ?? from.textContent;
    try {
      await navigator.clipboard.writeText(text);
      say(button.dataset.copied || document.body.dataset.copied);
    } catch {
      // No right to the clipboard: select it for the reader's own keys.
      from.closest("details")?.setAttribute("open", "");
      const range = document.createRange();
      range.selectNodeContents(from);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
  }

  document.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) return choose(tab, false);
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.('[role="tab"]');
    if (tab) arrow(event, tab);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
    if (form.dataset.send === undefined) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  for (const element of document.querySelectorAll("[data-live]")) live(element);
  // <html> only shows whether the connection is there.
  window.bauta = { say, choose };
})();
