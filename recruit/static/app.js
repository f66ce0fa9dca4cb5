// Improves what already works without it; no page may need this file. Nothing is stored and no other host is asked.
"use strict";

const one = (selector, root = document) => root.querySelector(selector);

// A form is sent once, however often the button is pressed; data-file says that its answer is a download, which
// leaves this page standing, so that one can be asked for again.
function busy(form, on) {
  form.toggleAttribute("data-busy", on);
  if (on) form.setAttribute("aria-busy", "true"); else form.removeAttribute("aria-busy");
}

// Puts the answer's main content in place of this page's, keeps the place and the focus, says the result aloud.
function show(html, url) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const main = one("main", answer);
  if (!main) { location.assign(url); return; }
  const held = document.activeElement && document.activeElement.id;
  const live = one("#flash");
  const flash = one("#flash", main);
  const words = [...flash.childNodes];
  flash.replaceWith(live);
  one("main").replaceChildren(...main.childNodes);
  live.replaceChildren(...words);
  document.title = answer.title;
  const moved = new URL(url).pathname !== location.pathname;
  if (url !== location.href) history.replaceState(null, "", url);
  if (moved) scrollTo(0, 0);
  const target = one("#errors") || (held && document.getElementById(held)) || one("main");
  target.focus({ preventScroll: target.id !== "errors" });
  ready();
}

// What a form sends when this button is pressed.
function filled(form, button) {
  const body = new FormData(form);
  if (button && button.name) body.append(button.name, button.value);
  return body;
}

// data-inline: a small act without a reload. If the answer does not come, the page is read anew.
async function inline(form, button) {
  const body = new URLSearchParams(filled(form, button));
  busy(form, true);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    if (!(answer.headers.get("content-type") || "").startsWith("text/html")) throw new Error("not a page");
    show(await answer.text(), answer.redirected ? answer.url : location.href);
  } catch {
    location.reload();
  } finally {
    busy(form, false);
  }
}

// data-upload: the form leaves without a reload, and each file has a bar of its own. If the line is lost, all that was
// typed and chosen still stands. The words come from the form, already translated.
function upload(form, button) {
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((field) => [...field.files]);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const box = document.createElement("div");
  const told = document.createElement("p");
  const list = document.createElement("ul");
  const bars = files.map((file) => {
    const row = document.createElement("li");
    const bar = document.createElement("progress");
    bar.max = file.size || 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    row.append(file.name, bar);
    list.append(row);
    return bar;
  });
  const say = (words) => { if (told.textContent !== words) told.textContent = words; };
  const sender = new XMLHttpRequest();
  box.className = "upload";
  told.setAttribute("role", "status");
  one(".upload", form)?.remove();
  (button || form.lastElementChild).before(box);
  box.append(told, list);
  sender.upload.onprogress = (event) => {
    let arrived = event.loaded - (event.total - size);
    let whole = 0;
    bars.forEach((bar, n) => {
      bar.value = Math.max(0, arrived);
      arrived -= files[n].size;
      if (arrived >= 0) whole += 1;
    });
    if (files.length) say(whole < files.length ? form.dataset.upload.replace("{n}", whole).replace("{total}", files.length) : form.dataset.examined);
  };
  sender.onerror = () => { list.remove(); busy(form, false); told.className = "error"; say(form.dataset.lost); };
  sender.onload = () => {
    box.remove();
    busy(form, false);
    show(sender.responseText, sender.status < 400 && sender.responseURL || location.href);
  };
  busy(form, true);
  sender.open("POST", form.action);
  sender.send(filled(form, button));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-busy")) { event.preventDefault(); return; }
  if (form.method !== "post") return;
  if (form.dataset.upload) { event.preventDefault(); upload(form, event.submitter); }
  else if (form.hasAttribute("data-inline")) { event.preventDefault(); inline(form, event.submitter); }
  else if (![form, event.submitter].some((each) => each?.hasAttribute("data-file"))) setTimeout(() => busy(form, true));
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-busy]").forEach((form) => busy(form, false)));

// data-save: a form that is sent when a choice in it changes; its button is only for pages without script.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-save")) form.requestSubmit();
});

// Stages: a slip holds a form with a field `stage`; dropping it on another stage that the field knows sends that form.
let lifted = null;
const over = (event) => {
  const stage = event.target.closest && event.target.closest("[data-stage]");
  const known = stage && [...one("[name=stage]", lifted).options].some((way) => way.value === stage.dataset.stage);
  return known ? stage : null;
};
document.addEventListener("dragstart", (event) => {
  lifted = event.target.closest(".slip");
  if (lifted) lifted.classList.add("lifted");
});
document.addEventListener("dragend", () => {
  document.querySelectorAll(".over, .lifted").forEach((el) => el.classList.remove("over", "lifted"));
  lifted = null;
});
document.addEventListener("dragover", (event) => {
  const stage = lifted && over(event);
  document.querySelectorAll(".over").forEach((el) => el !== stage && el.classList.remove("over"));
  if (stage) { event.preventDefault(); stage.classList.add("over"); }
});
document.addEventListener("drop", (event) => {
  const stage = lifted && over(event);
  const form = stage && one("form", lifted);
  const field = form && form.elements.stage;
  if (!field || stage.contains(lifted)) return;
  event.preventDefault();
  field.value = stage.dataset.stage;
  if (field.value === stage.dataset.stage) form.requestSubmit();
});

// data-tripwire: a field of notes is read here while it is typed, by the lists that the server goes by; what does not
// belong there opens the field that asks why, or only says so where the words are the candidate's own (data-own). Nothing that is typed leaves the page for this.
let wires = null;
async function lists() {
  const { words, number, weights, said, own } = await (await fetch("/tripwire?lang=" + document.documentElement.lang)).json();
  const letter = "[\\p{L}\\p{N}_]";
  const plain = (word) => word.replace(/ /g, "\\s+").replace(/\*/g, letter + "*");
  const found = Object.entries(words).map(([kind, each]) =>
    [kind, new RegExp(`(?<!${letter})(?:${each.map(plain).join("|")})(?!${letter})`, "iu")]);
  const numbers = new RegExp(`(?<!\\d)${number}(?!\\d)`, "g");
  const within = (two, most) => two % 40 >= 1 && two % 40 <= most;
  const fits = (digits) => digits < "8" && within(digits.slice(0, 2), 31) && within(digits.slice(2, 4), 12)
    && weights.every((row) => row.reduce((sum, w, n) => sum + w * digits[n], 0) % 11 === 0);
  return (text, mine) => (text.match(numbers) || []).some((n) => fits(n.replace(/\D/g, ""))) ? (mine ? own : said).identity
    : found.map(([kind, word]) => word.test(text) && (mine ? own : said)[kind].replace("{word}", word.exec(text)[0])).find(Boolean) || "";
}
document.addEventListener("input", async (event) => {
  const name = event.target.dataset.tripwire;
  if (!name) return;
  const form = event.target.form;
  wires = wires || lists().catch(() => () => "");
  const caught = await wires;
  const texts = [...form.querySelectorAll(`[data-tripwire=${name}]`)].map((field) => field.value);
  const box = document.getElementById("b-" + name);
  const mine = "own" in box.dataset;
  const hint = caught(texts.join("\n"), mine);
  const status = one("[role=status]", box);
  if (status.textContent !== hint) {
    status.replaceChildren(...(hint ? [Object.assign(document.createElement("p"), { className: mine ? "muted" : "error", textContent: hint })] : []));
    one(".error[id]", box)?.remove();
  }
  box.hidden = !hint;
});

function ready() {
  document.querySelectorAll("[data-save] [data-fallback]").forEach((el) => { el.hidden = true; });
  document.querySelectorAll(".slip").forEach((el) => { if (one("form [name=stage]", el)) el.draggable = true; });
}

// On paper every reasoning is unfolded.
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((el) => { el.open = true; }));

ready();
