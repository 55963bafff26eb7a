// A stream of the server's events that tells when what it last said cannot be believed any more: the connection is gone,
// or seems to be there and nothing comes, or the server cannot read what it should tell.

const UNAUTHORIZED = [401, 403];
/** The server is heard of every 5 s, whether there is news or not. */
const SILENT_MS = 15000;
const AGAIN_MS = 1000;

/** `on.news(data)`; `on.here(isHere)`: whether what was told last is how it is. */
export function follow(path, on) {
  const events = new EventSource(path);
  let watch = 0;
  const again = () => {
    clearTimeout(watch);
    events.close();
    window.removeEventListener("offline", lost);
    setTimeout(() => follow(path, on), AGAIN_MS);
  };
  const lost = () => {
    on.here(false);
    clearTimeout(watch);
    watch = setTimeout(again, SILENT_MS);
  };
  const heard = () => {
    on.here(true);
    clearTimeout(watch);
    watch = setTimeout(() => {
      on.here(false);
      again();
    }, SILENT_MS);
  };
  window.addEventListener("offline", lost);
  events.onopen = heard;
  events.onmessage = ({ data }) => {
    heard();
    on.news(data);
  };
  events.addEventListener("beat", heard);
  events.addEventListener("stale", lost);
  events.onerror = async () => {
    lost();
    // An EventSource does not tell that a login has ended.
    const answer = await fetch("/desk/me").catch(() => null);
    if (UNAUTHORIZED.includes(answer?.status)) {
      location.reload();
    } else if (events.readyState === EventSource.CLOSED) {
      again();
    }
  };
}
