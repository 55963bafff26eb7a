//! Sections 1 and 4 over TCP: a server that is down, breaks off, or does not answer.

use hotline::simulator::Http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;

/// What a server does with a connection.
#[derive(Clone, Copy)]
enum Server {
    Answers(u16, &'static str),
    /// Hangs up on a request.
    BreaksOff,
    /// Hangs up in the middle of an answer.
    CutsShort,
    /// Does not answer, and time goes by.
    IsSilent,
}

const HANGUP: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>";

/// Does this with each connection, in turn; tells the first line of each request, and its error code.
async fn serve(listener: TcpListener, clock: Arc<MovableClock>, does: Vec<Server>) -> Vec<(String, Option<String>)> {
    let mut requests = Vec::new();
    let mut open = Vec::new();
    for does in does {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        let code = request.split_once("ErrorCode=").map(|(_, rest)| rest.split('&').next().unwrap().to_owned());
        requests.push((request.lines().next().unwrap().to_owned(), code));
        let answer = match does {
            Server::Answers(status, body) => {
                let head = format!("HTTP/1.1 {status} Said\r\ncontent-type: text/xml\r\nconnection: close\r\n");
                format!("{head}content-length: {}\r\n\r\n{body}", body.len())
            }
            Server::CutsShort => format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{HANGUP}"),
            Server::BreaksOff => String::new(),
            Server::IsSilent => {
                // Whoever has sent a request waits for its answer by now.
                clock.advance(s(6));
                open.push(stream);
                continue;
            }
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    requests
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
        let text = String::from_utf8(bytes.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return text;
            }
        }
    }
}

/// A call that arrives at such a server.
async fn arrives(retry: &'static str, does: Vec<Server>) -> (Result<Leg, Trouble>, Vec<(String, Option<String>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let clock = Arc::new(MovableClock::new(Timestamp::from_millis(0)));
    let serving: JoinHandle<_> = tokio::spawn(serve(listener, Arc::clone(&clock), does));
    let leg = arrive(retry, public, clock).await;
    (leg, serving.await.unwrap())
}

async fn arrive(retry: &'static str, public: PublicUrl, clock: Arc<MovableClock>) -> Result<Leg, Trouble> {
    let profile = Profile { retry: Some(retry), ..profile("twilio") };
    let carrier = Carrier::new(profile, public, Arc::new(Http::default()), Hearing::Lengths);
    let carrier = carrier.with_clock(Arc::clone(&clock) as _);
    let to = number("12333");
    let wire = Wire { exchange: Arc::new(carrier), from: None, to: to.clone(), clock };
    let arrival = Arrival { caller: None, called: to, forwarded_from: None, simulated: true };
    Leg::begin(&wire, None, Kind::Arrive, &wire.exchange.arrivals(), What::Arrived(arrival)).await
}

const ARRIVAL: &str = "POST /voice/twilio HTTP/1.1";
const FALLBACK: &str = "POST /voice/twilio/fallback HTTP/1.1";

#[tokio::test]
async fn a_connection_that_breaks_off_is_tried_again() {
    let broken = vec![Server::BreaksOff, Server::Answers(503, ""), Server::Answers(200, HANGUP)];
    let (leg, requests) = arrives("rc=2&rp=ct,rt,5xx", broken).await;
    leg.unwrap();
    assert_eq!(requests, [ARRIVAL, ARRIVAL, ARRIVAL].map(|line| (line.to_owned(), None)));
}

#[tokio::test]
async fn what_has_come_in_part_goes_to_the_fallback_url() {
    let (leg, requests) = arrives("rc=5&rp=all", vec![Server::CutsShort, Server::Answers(200, HANGUP)]).await;
    leg.unwrap();
    assert_eq!(requests, [(ARRIVAL.to_owned(), None), (FALLBACK.to_owned(), some("11200"))]);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (leg, requests) = arrives("rc=0&rt=5000", vec![Server::IsSilent, Server::Answers(200, HANGUP)]).await;
    leg.unwrap();
    assert_eq!(requests, [(ARRIVAL.to_owned(), None), (FALLBACK.to_owned(), some("11200"))]);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let leg = arrive("rc=1&rp=ct", public, Arc::new(MovableClock::new(Timestamp::from_millis(0)))).await;
    let Err(Trouble::Fallback { first, fallback }) = leg else { panic!("{leg:?}") };
    assert!(matches!(*first, Trouble::Connect { .. }) && matches!(*fallback, Trouble::Connect { .. }));
}
