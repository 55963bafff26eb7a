// The wall, live: each event has the whole of what changes, written by the server. Without this the page still shows how
// it stood when it was fetched.

import { follow } from "../follow.js";

const PICTURE_EVERY_MS = 5000;

const live = document.getElementById("live");
const lost = document.getElementById("lost");
const part = document.getElementById("part");
let image = document.querySelector("#picture img");
const source = image.getAttribute("src");
let places = "";
let drawn = 0;

/** Puts what is new in place of what is other, part by part: what somebody reads, opens or scrolls stays where it is. */
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const isTheSame = live.children.length === fresh.children.length && [...fresh.children].every((one, at) => one.id === live.children[at].id);
  if (!isTheSame) {
    live.replaceChildren(...fresh.children);
    return;
  }
  [...fresh.children].forEach((one, at) => {
    const old = live.children[at];
    if (old.innerHTML === one.innerHTML) {
      return;
    }
    const scrolled = [...old.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    const hadFocus = old.contains(document.activeElement) && document.activeElement.matches(".scroll");
    one.toggleAttribute("open", old.hasAttribute("open"));
    if (old.tagName === "DETAILS") {
      // Its summary may have the focus.
      old.lastElementChild.replaceChildren(...one.lastElementChild.childNodes);
      return;
    }
    old.replaceWith(one);
    one.querySelectorAll(".scroll").forEach((box, index) => (box.scrollLeft = scrolled[index] ?? 0));
    if (hadFocus) {
      one.querySelector(".scroll")?.focus({ preventScroll: true });
    }
  });
}

/** Draws the calls on the picture again, if they are elsewhere now, and not too often. */
function draw() {
  const now = document.getElementById("places")?.textContent ?? "";
  if (now === places || Date.now() - drawn < PICTURE_EVERY_MS) {
    return;
  }
  places = now;
  fetchPicture();
}

function fetchPicture() {
  drawn = Date.now();
  // The old one stays until the new one is there: without a connection there is none.
  const fresh = image.cloneNode();
  fresh.onload = () => {
    image.replaceWith(fresh);
    image = fresh;
  };
  fresh.src = `${source}&part=${encodeURIComponent(part.value)}&at=${drawn}`;
}

part.addEventListener("change", fetchPicture);
let asOf = Date.now();
follow(live.dataset.events, {
  here: (isHere) => {
    if (lost.hidden !== isHere) {
      lost.hidden = isHere;
      live.classList.toggle("stale", !isHere);
      // What is still shown is so old.
      lost.querySelector("time").textContent = new Date(asOf).toLocaleTimeString(document.documentElement.lang);
    }
    asOf = isHere ? Date.now() : asOf;
  },
  news: (html) => {
    show(html);
    draw();
  },
});
setInterval(draw, PICTURE_EVERY_MS);
