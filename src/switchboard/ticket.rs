//! Tickets: what a page keeps of its call, so that the call goes on after a lost connection, or on a server that has been
//! started again. Sealed: a page can only hand one back.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::call::{PhoneNumber, Timestamp};
use crate::store::CallKey;

/// What a ticket is bound to, beside its key.
const TICKET: &[u8] = b"switchboard-ticket";
/// The longest that is looked at.
const LONGEST: usize = 4_096;

/// A page's part in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ticket {
    Caller(CallerTicket),
    /// A desk that talks: in which room.
    Desk {
        room: String,
    },
}

/// Where a caller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CallerTicket {
    /// The provider's id of the leg.
    pub(super) leg: String,
    pub(super) from: Option<PhoneNumber>,
    pub(super) to: PhoneNumber,
    pub(super) began: Timestamp,
    /// The URL of the request that the current document answers; none for an arrival.
    pub(super) asked: Option<String>,
    /// The talk that goes on, if one does.
    pub(super) talk: Option<Talk>,
}

/// Two ends that hear each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Talk {
    /// A name that only the two know.
    pub(super) room: String,
    pub(super) since: Timestamp,
}

/// Writes and reads tickets.
#[derive(Debug)]
pub(super) struct Tickets(pub(super) CallKey);

impl Tickets {
    pub(super) fn write(&self, ticket: &Ticket) -> String {
        let text = serde_json::to_vec(ticket).expect("a ticket is texts and numbers");
        BASE64_URL_SAFE_NO_PAD.encode(self.0.seal(TICKET, &text))
    }

    /// The ticket, if it is one of ours.
    pub(super) fn read(&self, text: &str) -> Option<Ticket> {
        let sealed = (text.len() <= LONGEST).then(|| BASE64_URL_SAFE_NO_PAD.decode(text).ok()).flatten()?;
        serde_json::from_slice(&self.0.open(TICKET, &sealed).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_back_and_no_other_text_is_one() {
        let tickets = Tickets(CallKey::random());
        let ticket = Ticket::Desk { room: "room".to_owned() };
        let text = tickets.write(&ticket);
        assert_eq!(tickets.read(&text), Some(ticket));
        assert_eq!(Tickets(CallKey::random()).read(&text), None);
        assert_eq!(tickets.read(text.get(1..).unwrap()), None);
        assert_eq!((tickets.read(""), tickets.read(&"A".repeat(5_000))), (None, None));
        assert!(!text.contains("room"));
    }
}
