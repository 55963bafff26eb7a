//! A provider's side over real HTTP: signs requests, follows documents. Shared with the benchmarks.

use std::collections::BTreeMap;

use hotline::call::{Arrival, CallEvent, Ending, Keys, Kind, PhoneNumber, Reply, Sentence, Timestamp, What};
use hotline::dialect::{Profile, Report, provider};

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Twilio, with the secret that the tests use.
pub(crate) fn twilio() -> Profile {
    let provider = provider("twilio").unwrap();
    provider.profile(provider.read_secrets(SECRET).unwrap())
}

/// One call.
pub(crate) struct Caller {
    http: reqwest::Client,
    profile: Profile,
    base: String,
    pub(crate) sid: String,
    pub(crate) from: String,
    pub(crate) urls: BTreeMap<Kind, String>,
    /// The last document, as text.
    pub(crate) document: String,
    pub(crate) reply: Option<Reply<Sentence>>,
}

impl Caller {
    pub(crate) fn new(http: &reqwest::Client, base: &str, number: u64) -> Self {
        Self {
            http: http.clone(),
            profile: twilio(),
            base: base.to_owned(),
            sid: format!("CA{number:032x}"),
            from: "+8612012345678".to_owned(),
            urls: BTreeMap::new(),
            document: String::new(),
            reply: None,
        }
    }

    pub(crate) async fn arrives(&mut self) -> u16 {
        let arrival = Arrival {
            caller: PhoneNumber::parse(&self.from).ok(),
            called: PhoneNumber::parse("+8601012333").unwrap(),
            forwarded_from: None,
            simulated: false,
        };
        let url = format!("{}/voice/twilio", self.base);
        self.send(&url, What::Arrived(arrival)).await
    }

    pub(crate) async fn presses(&mut self, keys: &str) -> u16 {
        let url = self.urls[&Kind::Keys].clone();
        self.send(&url, What::Pressed(Keys::parse(keys.trim_end_matches('#')).unwrap())).await
    }

    pub(crate) async fn is_silent(&mut self) -> u16 {
        let url = self.urls[&Kind::Silent].clone();
        self.send(&url, What::Silent).await
    }

    pub(crate) async fn hangs_up(&mut self) -> u16 {
        let url = format!("{}/voice/twilio/status", self.base);
        self.send(&url, What::CallEnded { verbatim: "completed".to_owned(), seconds: Some(42) }).await
    }

    /// Where the current document sends what happens.
    pub(crate) fn url(&self, kind: Kind) -> String {
        self.urls[&kind].clone()
    }

    /// Where the current document sends its keys.
    pub(crate) fn keys_url(&self) -> String {
        self.urls[&Kind::Keys].clone()
    }

    /// Sends an event and takes the document that answers it; while a lookup is slow, asks again as providers do.
    pub(crate) async fn send(&mut self, url: &str, what: What) -> u16 {
        let mut status = self.take(url, what).await;
        while self.reply.as_ref().is_some_and(|reply| reply.ending == Ending::GoTo) {
            let next = self.urls[&Kind::Next].clone();
            status = self.take(&next, What::Continued).await;
        }
        status
    }

    async fn take(&mut self, url: &str, what: What) -> u16 {
        let (status, document) = self.post(url, what).await;
        if let Ok(performance) = self.profile.dialect.perform(&self.profile, document.as_bytes())
            && !document.is_empty()
        {
            self.urls = performance.urls;
            self.reply = Some(performance.reply);
            self.document = document;
        }
        status
    }

    /// Sends an event; status and body of the answer.
    pub(crate) async fn post(&self, url: &str, what: What) -> (u16, String) {
        self.tell(url, CallEvent { leg: self.sid.clone(), parent: None, what }).await
    }

    /// The same of any leg of the call.
    pub(crate) async fn tell(&self, url: &str, event: CallEvent) -> (u16, String) {
        let report = Report {
            caller: PhoneNumber::parse(&self.from).ok(),
            called: PhoneNumber::parse("+8601012333").unwrap(),
            event,
            answered: true,
            ended_by: None,
            failed: None,
        };
        let request = self.profile.dialect.report(&self.profile, url, &report, Timestamp::default()).unwrap();
        let mut post = self.http.post(&request.url).body(request.body);
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        let response = post.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Whether the current document says this.
    pub(crate) fn heard(&self, text: &str) -> bool {
        self.document.contains(text)
    }
}
