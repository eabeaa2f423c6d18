// The one script of ours, on every page: citations open their card, tools under an answer, theme, height for a host page.
(() => {
  "use strict";
  const language = new URLSearchParams(location.search).get("lang") === "fr" ? "fr" : "en";
  const SAID = {
    en: { copied: "Copied", thanks: "Noted, thank you", why: "What was wrong? Your question and this answer are kept with it, on the server.", send: "Send", done: "Answer complete.", linked: "Kept, link copied", answer: "Answer", question: "Question", gone: "No longer kept" },
    fr: { copied: "Copié", thanks: "C’est noté, merci", why: "Qu’est-ce qui n’allait pas ? Votre question et cette réponse sont gardées avec, sur le serveur.", send: "Envoyer", done: "Réponse complète.", linked: "Gardé, lien copié", answer: "Réponse", question: "Question", gone: "N’est plus gardée" },
  }[language];
  const opened = new Map(); // an answer that grows is drawn anew: cards stay as the reader left them

  const stored = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch { /* storage may be blocked; nothing depends on it */ } },
  };

  // A card is known by the place that it shows, or at least by the clause: its number may change while the answer grows.
  function placeOf(card) {
    return card.closest(".ps-answer")?.id + " " + (card.querySelector(".ps-place")?.getAttribute("href") || card.id);
  }
  function clauseOf(card) {
    return placeOf(card).split("?")[0] + " " + (card.querySelector(".ps-clause")?.textContent || "");
  }
  function cardAt(place, clause) {
    const cards = [...document.querySelectorAll("#ps-chat .ps-answer details.src")];
    return cards.find((card) => placeOf(card) === place) || cards.find((card) => clauseOf(card) === clause);
  }
  function keepOpen(card) { opened.set(placeOf(card), clauseOf(card)); }
  function keepClosed(card) {
    for (const [place, clause] of opened) if (clause === clauseOf(card)) opened.delete(place);
    opened.delete(placeOf(card));
  }

  function openCard(id) {
    const card = document.getElementById(id);
    if (!card) return;
    keepOpen(card);
    card.open = true;
    const mark = card.querySelector("mark") || card;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    mark.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    card.querySelector("summary").focus({ preventScroll: true });
  }

  async function copy(button, text, said) {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea"); // where the clipboard is not allowed (plain http, some iframes)
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    say(button, said);
  }

  function say(button, words) {
    const before = button.dataset.words || button.textContent;
    button.dataset.words = before;
    button.textContent = words;
    setTimeout(() => { button.textContent = before; }, 2000);
  }

  // The chat is drawn anew as an answer grows, so it is no live region itself: what is being done is told once, and the
  // answer when it is complete.
  const spoken = document.createElement("div");
  spoken.className = "ps-sr";
  spoken.setAttribute("role", "status");
  let toSpeak = "";
  let speaking = 0;
  function speak(words) {
    if (words === toSpeak) return;
    toSpeak = words;
    clearTimeout(speaking);
    speaking = setTimeout(() => { spoken.textContent = words; }, 400); // a stage that is over at once is not told
  }

  function spokenAnswer(answer) {
    const copy = answer.cloneNode(true);
    copy.querySelectorAll(".ps-tip, .ps-sources, .ps-foot, .ps-text, .ps-from, details").forEach((part) => part.remove());
    return SAID.done + " " + copy.textContent.replace(/\s+/g, " ").trim();
  }

  // The seconds of a wait stand in the page only: the server draws an answer again when there is something new in it.
  let since = 0;
  function countSeconds() {
    const stage = document.querySelector("#ps-chat .ps-working .ps-stage");
    const seconds = Math.floor((Date.now() - since) / 1000);
    if (!stage || !since || seconds < 2) return;
    let shown = stage.querySelector(".ps-seconds");
    if (!shown) { shown = document.createElement("span"); shown.className = "ps-seconds"; stage.append(shown); }
    if (shown.textContent !== ` ${seconds} s`) shown.textContent = ` ${seconds} s`;
  }

  function answerName(element) {
    return new URL(element.closest(".ps-answer").querySelector(".ps-permalink").href).searchParams.get("c");
  }

  // A link that outlives the server's memory: only now is the answer kept on its disk.
  async function keepLink(link) {
    const reply = await fetch("/answers/" + answerName(link), { method: "POST" });
    if (reply.ok) await copy(link, link.href, SAID.linked); else say(link, SAID.gone);
  }

  async function vote(button, reason) {
    const up = button.classList.contains("ps-good");
    const body = JSON.stringify({ answer: answerName(button), vote: up ? "up" : "down", reason: reason || "" });
    const reply = await fetch("/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    button.setAttribute("aria-pressed", "true");
    say(button, reply.ok ? SAID.thanks : SAID.gone);
  }

  function askWhy(button) {
    const foot = button.closest(".ps-foot");
    if (foot.querySelector(".ps-why")) return;
    const form = document.createElement("form");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const send = document.createElement("button");
    form.className = "ps-why";
    label.textContent = SAID.why;
    input.maxLength = 1000;
    label.htmlFor = input.id = "why-" + answerName(button);
    send.textContent = SAID.send;
    form.append(label, input, send);
    form.addEventListener("submit", (event) => { event.preventDefault(); form.remove(); vote(button, input.value); });
    foot.append(form);
    input.focus();
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    document.body.classList.toggle("dark", theme === "dark");
  }

  function currentTheme() {
    return document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a.cite, .ps-copy, .ps-copy-line, .ps-permalink, .ps-vote, .ps-theme, details.src > summary");
    if (!target) return;
    if (target.matches("a.cite")) { event.preventDefault(); openCard(target.getAttribute("href").slice(1)); }
    else if (target.matches(".ps-copy-line")) copy(target, target.previousElementSibling.textContent, SAID.copied);
    else if (target.matches(".ps-copy")) copy(target, target.closest(".ps-answer").querySelector("pre.ps-text").textContent, SAID.copied);
    else if (target.matches(".ps-permalink")) { if (event.metaKey || event.ctrlKey || event.shiftKey) return; event.preventDefault(); keepLink(target); }
    else if (target.matches(".ps-good")) vote(target);
    else if (target.matches(".ps-bad")) askWhy(target);
    else if (target.matches(".ps-theme")) { const to = currentTheme() === "dark" ? "light" : "dark"; setTheme(to); stored.set("plainsource-theme", to); }
    else { const card = target.parentElement; card.open ? keepClosed(card) : keepOpen(card); }
  });

  // A tip that would stand out of the window opens to the other side.
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, (event) => {
    const tip = event.target.closest?.(".ps-verdict")?.querySelector(".ps-tip");
    if (!tip) return;
    tip.classList.remove("ps-left");
    tip.classList.toggle("ps-left", tip.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  });

  // What Gradio draws, put right each time it has drawn: names for screen readers, cards, the address of the conversation.
  function tidy() {
    for (const message of document.querySelectorAll("#ps-chat [data-testid=bot], #ps-chat [data-testid=user]")) {
      const name = message.dataset.testid === "bot" ? SAID.answer : SAID.question;
      if (message.getAttribute("aria-label") !== name) { message.setAttribute("aria-label", name); message.setAttribute("role", "group"); }
    }
    document.querySelectorAll("#ps-chat .examples[role]").forEach((list) => list.removeAttribute("role")); // buttons are no list items
    document.querySelectorAll("#ps-chat .placeholder-content[role]").forEach((box) => box.removeAttribute("role"));
    for (const [place, clause] of opened) { const card = cardAt(place, clause); if (card && !card.open) card.open = true; }
    const names = [...document.querySelectorAll("#ps-chat .ps-permalink")].map((link) => new URL(link.href).searchParams.get("c"));
    const here = new URL(location.href);
    const now = names.join(".");
    if (names.length && here.searchParams.get("c") !== now) { here.searchParams.set("c", now); here.searchParams.delete("q"); history.replaceState(null, "", here); }
    else if (!names.length && here.searchParams.has("c") && talked) { here.searchParams.delete("c"); history.replaceState(null, "", here); }
    talked = talked || names.length > 0;
    const asked = document.querySelectorAll("#ps-chat .ps-question");
    // A new question goes to the top as its answer grows below it, until the reader scrolls.
    const working = document.querySelector("#ps-chat .ps-working");
    const log = document.querySelector("#ps-chat [role=log]");
    if (log && log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
    if (working) {
      since = since || Date.now();
      countSeconds();
      speak([...(working.querySelector(".ps-stage")?.childNodes || [])].filter((node) => node.nodeType === 3).map((node) => node.data).join(""));
    } else if (since) {
      since = 0;
      const answers = document.querySelectorAll("#ps-chat .ps-answer");
      speak(answers.length ? spokenAnswer(answers[answers.length - 1]) : "");
    }
    if (held && document.activeElement === document.body) held()?.focus({ preventScroll: true });
    if (working && asked.length > questions) following = asked.length > 1;
    if (following && asked.length) asked[asked.length - 1].scrollIntoView({ block: "start" });
    questions = asked.length;
    following = following && !!working;
    tellHeight();
  }
  let held = null; // finds what had the focus: a keyboard's place is kept when the answer under it is drawn anew
  let talked = false;
  let questions = 0;
  let following = false;
  for (const kind of ["wheel", "touchmove", "keydown"]) addEventListener(kind, () => { following = false; }, { passive: true });

  // The height goes to the host page's origin only, never to "*"; only listed origins can show us at all.
  let told = 0;
  const hostOrigin = location.ancestorOrigins?.[0] || (document.referrer && new URL(document.referrer).origin);
  function tellHeight() {
    if (window.parent === window || !hostOrigin) return;
    const last = document.getElementById("ps-actions"); // not the page: Gradio makes that as high as the window, so it never shrinks
    const height = last ? Math.ceil(last.getBoundingClientRect().bottom + scrollY + 20) : 0;
    if (height && height !== told) { told = height; window.parent.postMessage({ type: "plainsource:height", version: 1, height }, hostOrigin); }
  }

  function watchGradio() {
    document.documentElement.lang = language;
    if (new URLSearchParams(location.search).get("sources") === "0") document.body.classList.add("ps-no-sources");
    const chosen = new URLSearchParams(location.search).get("__theme") || stored.get("plainsource-theme");
    let waiting = false;
    new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; tidy(); });
    }).observe(document.querySelector("gradio-app"), { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label", "style"] });
    document.body.append(spoken);
    setInterval(countSeconds, 500);
    document.addEventListener("focusin", (event) => {
      const part = event.target.closest("#ps-chat .ps-answer :is(a.cite, summary)");
      const [answer, card] = [part?.closest(".ps-answer"), part?.closest("details")];
      const [place, clause, link] = [card && placeOf(card), card && clauseOf(card), part?.getAttribute("href")];
      held = !part ? null : card
        ? () => cardAt(place, clause)?.querySelector("summary")
        : () => document.querySelector(`#${answer.id} a.cite[href="${link}"]`);
    });
    document.addEventListener("pointerdown", () => { held = null; });
    const follow = () => { document.documentElement.dataset.theme = document.body.classList.contains("dark") ? "dark" : "light"; };
    if (chosen) setTheme(chosen); else follow();
    new MutationObserver(() => { if (chosen || stored.get("plainsource-theme")) { const want = stored.get("plainsource-theme") || chosen; if (document.body.classList.contains("dark") !== (want === "dark")) setTheme(want); } else follow(); })
      .observe(document.body, { attributes: true, attributeFilter: ["class"] });
    new ResizeObserver(tellHeight).observe(document.querySelector("gradio-app"));
  }

  function filterRows(form) {
    const rows = [...document.querySelectorAll(`#${form.dataset.filter} .ps-row`)];
    const [input, select] = [form.querySelector("input"), form.querySelector("select")];
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !(words.every((word) => text.includes(word)) && (!select?.value || row.dataset.kind === select.value));
        shown += !row.hidden;
      }
      form.querySelector(".ps-count").textContent = shown;
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  // A link with only #c=START-END: the server marks what ?c= names.
  function markFromFragment() {
    const asked = /^#c=(\d+-\d+)$/.exec(location.hash);
    const here = new URL(location.href);
    if (asked && here.searchParams.get("c") !== asked[1]) { here.searchParams.set("c", asked[1]); location.replace(here); }
  }

  if (document.querySelector("gradio-app")) watchGradio();
  else {
    document.querySelectorAll("form[data-filter]").forEach(filterRows);
    if (location.pathname.startsWith("/source/")) { markFromFragment(); addEventListener("hashchange", markFromFragment); }
  }
})();
