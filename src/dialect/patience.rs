//! How long a provider waits for an answer of ours, when it asks again, and what it holds against an answer: its side of
//! the HTTP exchange, as data. Who sends and waits is *not* here; that is `simulator/carrier.rs`.

use std::time::Duration;

/// How a provider makes a request, unless the fragment of the URL says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// To a connection.
    pub connect: Duration,
    /// From there to an answer.
    pub read: Duration,
    /// All tries together, with the redirects that they follow.
    pub total: Duration,
    /// How often it asks again.
    pub retries: u32,
    /// After what it does.
    pub retry_on: Vec<Missed>,
    /// How many HTTP redirects it follows.
    pub redirects: usize,
    /// The header that is the same on every try of a request.
    pub repeats: Option<&'static str>,
    /// Whether the fallback URL is asked when all tries were in vain.
    pub falls_back: bool,
}

/// Why a try was in vain, as far as it matters for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// There was no connection.
    Connect,
    /// Nothing came back.
    Read,
    /// A status of 400 to 499.
    OurRefusal,
    /// A status of 500 and more.
    OurFault,
}

impl Missed {
    pub const ALL: &'static [Self] = &[Self::Connect, Self::Read, Self::OurRefusal, Self::OurFault];
}

/// What is wrong with an answer, for the code that the fallback URL is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A URL cannot be asked.
    Url,
    /// Nothing listens there.
    Connection,
    /// It did not answer in time, not to the end, or not with success.
    Retrieval,
    Redirects,
    ContentType,
    /// The document is larger than the provider reads.
    TooLarge,
    /// The document is none, or has something in it that the provider does not take.
    Document,
    /// A text to be read out is empty.
    EmptyText,
    /// A text to be read out is longer than the provider reads.
    LongText,
}
