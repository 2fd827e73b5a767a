// Stillframe's part of the page, loaded before simcord's own scripts.
"use strict";

const SAID_MS = 8000;
const OWN_MS = 4000; // what comes so soon after an action of mine is its answer
const asked = new URLSearchParams(location.search);
const bar = document.getElementById("play-bar");
const player = document.getElementById("play-player");
const channel = document.getElementById("play-channel");
const original = window.fetch.bind(window);
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
  viewer.replaceChildren(new Option("", player.value, true, true)); // it is empty while the page begins anew
  viewer.dispatchEvent(new Event("change"));
}
player.addEventListener("change", goThere);
channel.addEventListener("change", goThere);

function placed(options) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { ...options, headers: { ...options.headers, "X-Play-Channel": channel.value, "X-Play-Zone": zone } };
}
window.fetch = (path, options = {}) => {
  if (!String(path).startsWith("/api/")) return original(path, options);
  if (path === "/api/action") acted = performance.now();
  const opens = path === "/api/pages" && options.method === "POST";
  return original(path, placed(opens ? { ...options, body: JSON.stringify({ viewer_id: player.value }) } : options));
};
function ask(path, options = {}) {
  const page = window.simcordPreview?.contextId || "";
  const headers = { "X-Simcord-Capability": location.hash.slice(1), "X-Simcord-Context": page };
  return original(path, placed({ ...options, headers }));
}
function say(words) {
  const status = document.getElementById("play-status");
  status.textContent = words;
  setTimeout(() => { if (status.textContent === words) status.textContent = ""; }, SAID_MS);
}

// As in Discord, a command may be typed wherever the focus is.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, [role=dialog], .command-row")) return;
  document.getElementById("channel-composer-input").focus();
});

// --- files to try: into the open field, else to the disk --------------------------------------------------

async function give(name) {
  const answer = await ask(`/api/play/samples/${name}`);
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
    say(`No field for files is open, so ${name} was downloaded. In a command, choose the option clip or images first.`);
  }
}
for (const button of bar.querySelectorAll("[data-sample]")) {
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  button.addEventListener("click", () => give(button.dataset.sample));
}

// --- the menu of a message, which Discord has under "Apps" ------------------------------------------------

async function use(entry, message) {
  const answer = await ask("/api/play/menu", { method: "POST", body: JSON.stringify({ message, entry }) });
  if (answer.ok) document.getElementById("refresh").click();
  else say(await answer.text());
}
function addMenu(message) {
  const menu = Object.assign(document.createElement("details"), { className: "play-apps", name: "play-apps" });
  menu.append(Object.assign(document.createElement("summary"), { textContent: "Apps" }));
  for (const entry of JSON.parse(bar.dataset.menus)) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: entry });
    button.addEventListener("click", () => { menu.open = false; use(entry, message.dataset.messageId); });
    menu.append(button);
  }
  message.append(menu);
}
new MutationObserver(() => {
  for (const each of document.querySelectorAll("#channel-message-list [data-message-id]")) {
    if (!each.querySelector(":scope > .play-apps")) addMenu(each);
  }
}).observe(document.body, { childList: true, subtree: true });
function closeMenus(event) {
  const menu = document.querySelector(".play-apps[open]");
  if (!menu || (event.type === "click" ? menu.contains(event.target) : event.key !== "Escape")) return;
  menu.open = false;
  if (event.type === "keydown") menu.querySelector("summary").focus();
}
addEventListener("click", closeMenus);
addEventListener("keydown", closeMenus);

// --- the newest message stays in sight, also when its picture comes later ---------------------------------

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
for (const kind of ["wheel", "touchmove", "keydown"]) {
  timeline.addEventListener(kind, () => { following = false; }, { passive: true });
}
timeline.addEventListener("scroll", () => {
  if (timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 2) following = true;
});
