// Stillframe's part of the page, loaded before simcord's own scripts.
"use strict";

const LOOK_MS = 300;
const SAID_MS = 5000;
const QUIET_MS = 400; // since the last key or press, so that no refresh comes between a press and its action
const asked = new URLSearchParams(location.search);
const bar = document.getElementById("play-bar");
const player = document.getElementById("play-player");
const channel = document.getElementById("play-channel");
const original = window.fetch.bind(window);
let touched = 0;
let acted = 0;

// --- who is played, and where ------------------------------------------------------------------------------

function choose(select, value) {
  if ([...select.options].some((each) => each.value === value && !each.disabled)) select.value = value;
}
function offerChannels() {
  for (const option of channel.options) {
    option.hidden = option.disabled = !option.dataset.seenBy.split(" ").includes(player.value);
  }
}
choose(player, asked.get("as"));
offerChannels();
channel.value = channel.options[0].value;
choose(channel, asked.get("in"));

// simcord's own choice of a viewer begins the page anew, by then also in another channel: see page.py.
function goThere() {
  offerChannels();
  if (channel.selectedOptions[0].disabled) channel.value = channel.options[0].value;
  history.replaceState(null, "", `/?as=${player.value}&in=${channel.value}${location.hash}`);
  const viewer = document.getElementById("viewer-picker");
  viewer.value = player.value;
  viewer.dispatchEvent(new Event("change"));
}
player.addEventListener("change", goThere);
channel.addEventListener("change", goThere);

window.fetch = (path, options = {}) => {
  if (!String(path).startsWith("/api/")) return original(path, options);
  if (path === "/api/action" && !String(options.body).includes('"kind":"refresh"')) acted = performance.now();
  const opened = path === "/api/pages" && options.method === "POST";
  const body = opened ? JSON.stringify({ viewer_id: player.value }) : options.body;
  return original(path, { ...options, body, headers: { ...options.headers, "X-Play-Channel": channel.value } });
};

function ask(path, options = {}) {
  return original(path, {
    ...options, cache: "no-store",
    headers: {
      "X-Simcord-Capability": location.hash.slice(1), "X-Play-Channel": channel.value,
      "X-Simcord-Context": window.simcordPreview?.contextId || "",
    },
  });
}

// --- fresh when a message has changed, but not while a member presses something ---------------------------

for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, () => { touched = performance.now(); }, true);
}
function refreshing() {
  const page = window.simcordPreview;
  return page?.pendingAction?.kind === "refresh";
}
function busy() {
  const page = window.simcordPreview;
  return !page || page.pendingAction !== null || page.awaitingRevision !== null
    || page.renderState.openPopupKey !== null || performance.now() - touched < QUIET_MS;
}
let seen = null;
async function look() {
  try {
    const { changes } = await (await ask("/play/changes")).json();
    if (changes !== seen && !busy()) {
      if (seen !== null) document.getElementById("refresh").click();
      seen = changes;
    }
  } catch { /* simcord's page says that the connection is lost */ }
  setTimeout(look, LOOK_MS);
}
look();

// A press that falls into a refresh would be lost: it is held until the page is fresh, then done.
function hold(event) {
  if (!event.isTrusted || !refreshing() || bar.contains(event.target)) return;
  const control = event.target.closest("[data-control-key]");
  if (!control || (event.type === "keydown" && event.key !== "Enter")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const again = new event.constructor(event.type, event);
  const find = () => document.querySelector(`[data-control-key="${CSS.escape(control.dataset.controlKey)}"]`);
  const wait = setInterval(() => {
    const page = window.simcordPreview;
    if (page.pendingAction !== null || page.awaitingRevision !== null) return;
    clearInterval(wait);
    (event.target.isConnected ? event.target : find())?.dispatchEvent(again);
  }, 20);
}
addEventListener("click", hold, true);
addEventListener("keydown", hold, true);

// As in Discord, a command may be typed wherever the focus is.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, [role=dialog], .command-row")) return;
  document.getElementById("channel-composer-input").focus();
});

// --- files to try: into the open field, else to the disk --------------------------------------------------

async function give(name) {
  const answer = await ask(`/play/files/${name}`);
  if (!answer.ok) { say(`${name} can't be had.`); return; }
  const file = new File([await answer.blob()], name, { type: name.endsWith(".mp4") ? "video/mp4" : "image/png" });
  const field = [...document.querySelectorAll("input[type=file]")].findLast((each) => !each.disabled);
  if (field) {
    const held = new DataTransfer();
    if (field.multiple) for (const each of field.files) held.items.add(each);
    held.items.add(file);
    field.files = held.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    say(`${name} is attached.`);
  } else {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
    say(`${name} is downloaded: no file field is open.`);
  }
}
for (const button of bar.querySelectorAll("[data-sample]")) {
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  button.addEventListener("click", () => give(button.dataset.sample));
}
function say(words) {
  const status = document.getElementById("play-status");
  status.textContent = words;
  setTimeout(() => { if (status.textContent === words) status.textContent = ""; }, SAID_MS);
}

// --- the menu of a message, which Discord has under "Apps" ------------------------------------------------

const entries = JSON.parse(bar.dataset.menus);
function addMenu(message) {
  const menu = document.createElement("select");
  menu.className = "play-apps";
  menu.setAttribute("aria-label", "Apps");
  menu.append(new Option("Apps", ""), ...entries.map((entry) => new Option(entry)));
  menu.addEventListener("change", async () => {
    const body = JSON.stringify({ message: message.dataset.messageId, entry: menu.value });
    menu.value = "";
    const answer = await ask("/play/menu", { method: "POST", body });
    say(answer.ok ? "" : await answer.text());
    if (answer.ok) { seen = NaN; touched = 0; }
  });
  message.append(menu);
}
new MutationObserver(() => {
  for (const each of document.querySelectorAll("#channel-message-list [data-message-id]")) {
    if (!each.querySelector(":scope > .play-apps")) addMenu(each);
  }
}).observe(document.body, { childList: true, subtree: true });

// --- the newest message stays in sight, also when its picture comes later ---------------------------------

const OWN_MS = 4000; // what comes so soon after an action of mine is its answer
const timeline = document.getElementById("channel-timeline");
const list = document.getElementById("channel-message-list");
let following = true;
let newest = null;
function follow() {
  const last = list.lastElementChild?.dataset.messageId;
  if (last !== newest && performance.now() - acted < OWN_MS) following = true;
  newest = last;
  if (following) timeline.scrollTop = timeline.scrollHeight;
}
new ResizeObserver(follow).observe(list);
for (const kind of ["wheel", "touchmove"]) timeline.addEventListener(kind, () => { following = false; }, { passive: true });
timeline.addEventListener("keydown", (event) => {
  if (["PageUp", "ArrowUp", "Home"].includes(event.key)) following = false;
});
