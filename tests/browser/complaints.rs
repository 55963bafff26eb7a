//! What a browser tells that should not be: errors, warnings, what is blocked or not there, requests to elsewhere.

use serde_json::Value;

use crate::browser::Browser;
use crate::server::Server;

/// What is wrong about an event, if anything is. `origin` is that of the page.
pub(crate) fn of(event: &Value, origin: &str) -> Option<String> {
    let told = &event["params"];
    let is_wrong = match event["method"].as_str()? {
        "Runtime.exceptionThrown" | "Audits.issueAdded" | "Network.webSocketFrameError" => true,
        "Runtime.consoleAPICalled" => ["error", "warning", "assert"].iter().any(|kind| told["type"] == *kind),
        "Log.entryAdded" => ["error", "warning"].iter().any(|level| told["entry"]["level"] == *level),
        "Network.requestWillBeSent" => is_elsewhere(&told["request"]["url"], origin),
        "Network.webSocketCreated" => is_elsewhere(&told["url"], origin),
        "Network.responseReceived" => told["response"]["status"].as_u64().is_some_and(|status| status >= 400),
        "Network.loadingFailed" => told["canceled"] != true,
        _ => false,
    };
    is_wrong.then(|| event.to_string())
}

fn is_elsewhere(url: &Value, origin: &str) -> bool {
    let url = url.as_str().unwrap_or_default();
    let here = origin.split_once("://").map_or(origin, |(_, here)| here);
    let is_ours = ["http://", "ws://"].iter().any(|scheme| {
        url.strip_prefix(scheme).and_then(|rest| rest.strip_prefix(here)).is_some_and(|rest| rest.starts_with('/'))
    });
    !is_ours && !url.starts_with("data:") && !url.starts_with("blob:")
}

/// Whether it tells that nobody answers on the port, or not any more.
pub(crate) fn is_refusal(complaint: &str) -> bool {
    [
        "net::ERR_CONNECTION_REFUSED",
        "net::ERR_CONNECTION_RESET",
        "net::ERR_SOCKET_NOT_CONNECTED",
        "net::ERR_EMPTY_RESPONSE",
        "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
    ]
    .iter()
    .any(|error| complaint.contains(error))
}

#[tokio::test]
async fn what_should_not_be_is_noticed() {
    let server = Server::start();
    let page = Browser::open(&server.url("/phone"), 440).await;
    page.is_clean();
    for (script, noticed) in [
        ("console.warn('this is wrong')", "this is wrong"),
        ("setTimeout(() => { throw new Error('nobody catches this'); })", "nobody catches this"),
        ("fetch('/phone/files/nothing.js').then(() => 0)", "\"status\":404"),
        ("fetch('https://fetched.example/').catch(() => 0)", "https://fetched.example/"),
        (
            "document.body.append(Object.assign(new Image(), { src: 'https://pictures.example/' }))",
            "https://pictures.example/",
        ),
        ("document.body.setAttribute('style', 'color: red')", "style-src"),
    ] {
        page.eval(script).await;
        page.complains_of(noticed).await;
    }
}
