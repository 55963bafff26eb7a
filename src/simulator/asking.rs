//! One request as a provider makes it: within its times, again where it asks again, after redirects; and told to whoever
//! watches.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::carrier::{Carrier, Received};
use super::trouble::Trouble;
use crate::call::{Ending, Kind, Timestamp, What};
use crate::dialect::{Missed, OutRequest, Patience, Performance, Report, Unreadable};

/// Somebody who is told of every request: an author, a load test.
pub trait Watcher: Send + Sync {
    fn exchanged(&self, exchanged: &Exchanged<'_>);
}

/// A request and what came of it, once for all its tries. What callers key in is in it.
#[derive(Clone, Copy, Debug)]
pub struct Exchanged<'a> {
    /// The leg that it is about, as the provider names it.
    pub leg: &'a str,
    /// The kind of event that its URL is for: a fallback request is one of its own.
    pub kind: Kind,
    /// As it was sent, the first time.
    pub request: &'a OutRequest,
    /// What came back, the last time.
    pub received: Option<&'a Received>,
    /// Why that is no document to act on; a fallback request may follow.
    pub trouble: Option<&'a Trouble>,
    /// How many tries it took.
    pub tries: u32,
    /// From the first try to the last answer.
    pub took: Duration,
}

/// What is asked.
pub(super) struct Asked<'a> {
    pub(super) kind: Kind,
    /// With the fragment that says how to ask for it.
    pub(super) url: &'a str,
    pub(super) report: &'a Report,
    pub(super) now: Timestamp,
}

impl Carrier {
    /// The document that answers.
    pub(super) async fn document(&self, asked: &Asked<'_>) -> Result<Performance, Trouble> {
        self.exchange(asked, |received| self.perform(asked, received)).await
    }

    /// The same for what no document answers.
    pub(super) async fn notice(&self, asked: &Asked<'_>) -> Result<(), Trouble> {
        let acknowledged = self.profile.dialect.acknowledge().status;
        self.exchange(asked, |received| match received.status {
            200 => Ok(()),
            status if status == acknowledged => Ok(()),
            status => Err(Trouble::Status { kind: asked.kind, status }),
        })
        .await
    }

    /// Waits for work, but not for longer than `limit`.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        tokio::select! {
            // The wait begins before the work does, or a clock that the work moves would be ahead of it.
            biased;
            () = self.clock.sleep(limit) => Err(Trouble::Late),
            done = work => done,
        }
    }

    fn perform(&self, asked: &Asked<'_>, received: &Received) -> Result<Performance, Trouble> {
        let kind = asked.kind;
        if received.status != 200 {
            return Err(Trouble::Status { kind, status: received.status });
        }
        let dialect = self.profile.dialect;
        if !dialect.takes(&received.content_type) {
            return Err(Trouble::ContentType { kind, content_type: received.content_type.clone() });
        }
        let performance = dialect.perform(&self.profile, &received.body)?;
        match (&performance.reply.ending, &asked.report.event.parent) {
            (Ending::Dial(_) | Ending::Record(_) | Ending::Refuse(_), Some(_)) => {
                Err(misplaced("whoever picks up can be spoken to and can press keys, nothing else"))
            }
            (Ending::Refuse(_), None) if asked.report.answered => Err(misplaced("the call has been answered")),
            _ => Ok(performance),
        }
    }

    async fn exchange<T>(
        &self,
        asked: &Asked<'_>,
        read: impl FnOnce(&Received) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let patience = self.profile.dialect.patience(asked.kind, asked.url)?;
        let mut request = self.request(asked.url, asked.report, asked.now)?;
        request.headers.extend(patience.repeats.map(|header| (header, format!("{:032x}", rand::random::<u128>()))));
        let (began, mut tries) = (Instant::now(), 0);
        let received = self.within(patience.total, self.try_again(asked, &patience, &request, &mut tries)).await;
        let took = began.elapsed();
        let (received, answer) = match received {
            Ok(received) => {
                let answer = read(&received);
                (Some(received), answer)
            }
            Err(trouble) => (None, Err(trouble)),
        };
        if let Some(watcher) = &self.watcher {
            watcher.exchanged(&Exchanged {
                leg: &asked.report.event.leg,
                kind: asked.kind,
                request: &request,
                received: received.as_ref(),
                trouble: answer.as_ref().err(),
                tries,
                took,
            });
        }
        answer
    }

    /// Tries until something comes that is no reason for another try.
    async fn try_again(
        &self,
        asked: &Asked<'_>,
        patience: &Patience,
        request: &OutRequest,
        tries: &mut u32,
    ) -> Result<Received, Trouble> {
        loop {
            *tries += 1;
            let received = self.follow(asked, patience, request).await;
            let missed = match &received {
                Ok(Received { status: 400..=499, .. }) => Some(Missed::OurRefusal),
                Ok(Received { status: 500.., .. }) => Some(Missed::OurFault),
                Ok(_) => None,
                Err(trouble) => trouble.missed(),
            };
            if *tries > patience.retries || !missed.is_some_and(|missed| patience.retry_on.contains(&missed)) {
                return received;
            }
        }
    }

    /// Sends a request, and again to wherever the answer leads.
    async fn follow(&self, asked: &Asked<'_>, patience: &Patience, request: &OutRequest) -> Result<Received, Trouble> {
        let mut request = Cow::Borrowed(request);
        for _ in 0..=patience.redirects {
            let received = self.once(patience, &request).await?;
            let (300..=399, Some(location)) = (received.status, &received.location) else { return Ok(received) };
            let mut report = asked.report.clone();
            // A redirect loses what a listen has taken.
            if matches!(report.event.what, What::Pressed(_)) {
                report.event.what = What::Silent;
            }
            let url = resolved(&request.url, location).ok_or_else(|| Trouble::Url(location.clone()))?;
            let mut next = self.request(&url, &report, asked.now)?;
            let repeats = request.headers.iter().filter(|(name, _)| Some(*name) == patience.repeats);
            next.headers.extend(repeats.cloned());
            request = Cow::Owned(next);
        }
        Err(Trouble::Redirects(asked.kind))
    }

    async fn once(&self, patience: &Patience, request: &OutRequest) -> Result<Received, Trouble> {
        let connected = self.within(patience.connect, self.transport.connect(&request.url)).await;
        connected.map_err(|trouble| if matches!(trouble, Trouble::Late) { Trouble::NotConnected } else { trouble })?;
        self.within(patience.read, self.transport.send(request.clone())).await
    }

    fn request(&self, url: &str, report: &Report, now: Timestamp) -> Result<OutRequest, Trouble> {
        Ok(self.profile.dialect.report(&self.profile, url, report, now)?)
    }
}

fn misplaced(why: &'static str) -> Trouble {
    Trouble::Document(Unreadable::Document { element: "Response".to_owned(), why })
}

/// A URL as it is sent: the fragment is for whoever asks.
pub(super) fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// Where a redirect from `url` leads: an absolute URL, or a path on the same host.
fn resolved(url: &str, location: &str) -> Option<String> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Some(location.to_owned());
    }
    let host = url.find("://")? + 3;
    let path = url.get(host..)?.find('/').map_or(url.len(), |at| host + at);
    let origin = url.get(..path)?;
    (location.starts_with('/') && !location.starts_with("//")).then(|| format!("{origin}{location}"))
}
