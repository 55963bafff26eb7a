//! The demo people at the telephone: who says who they are, with which PIN. Their PINs are public, so none is hashed.

use std::collections::{BTreeMap, HashMap};

use crate::call::Secret;
use crate::call::{CallId, IdNumber, PhoneNumber, Timestamp};
use crate::lookup::demo::{self, DemoPin};
use crate::lookup::identity::{Attempt, Ledger, VERIFIED_FOR, Verdict, Who};
use crate::lookup::pin::{Known, is_weak};

pub(super) const COUNT: u32 = 2 * demo::SHOWCASE;

/// Who can call.
pub(super) struct People {
    all: Vec<Member>,
    by_id: HashMap<String, usize>,
    by_card: HashMap<(String, String), Vec<usize>>,
}

/// One of them.
pub(super) struct Member {
    pub(super) id: IdNumber,
    pub(super) card_no: Option<String>,
    pub(super) pin: Option<DemoPin>,
}

/// PINs that were changed.
pub(super) type Pins = BTreeMap<usize, DemoPin>;

/// Whom a call has verified.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verified {
    pub(super) person: usize,
    pub(super) ends_at: Timestamp,
    /// Not by an initial PIN.
    pub(super) full: bool,
}

/// Somebody says who they are and keys a PIN.
pub(super) struct Claim<'a> {
    pub(super) by: Who,
    pub(super) pin: &'a Secret,
    pub(super) call: u32,
    pub(super) caller: Option<&'a PhoneNumber>,
    pub(super) now: Timestamp,
}

impl People {
    pub(super) fn of_the_demo() -> Self {
        let mut people = Self { all: Vec::new(), by_id: HashMap::new(), by_card: HashMap::new() };
        for (number, person) in demo::people(COUNT).enumerate() {
            let member = person.member;
            people.by_id.insert(member.id.as_str().to_owned(), number);
            if let Some(digits) = member.card_digits() {
                people.by_card.entry((digits, last_four(member.id.as_str()))).or_default().push(number);
            }
            people.all.push(Member { id: member.id, card_no: member.card_no, pin: person.pin });
        }
        people
    }

    pub(super) fn get(&self, number: usize) -> Option<&Member> {
        self.all.get(number)
    }

    /// Checks a claim, and whom the call has verified by it.
    pub(super) fn verify(&self, claim: &Claim<'_>, tries: &mut Ledger, pins: &Pins) -> (Verdict, Option<Verified>) {
        let found = self.find(&claim.by);
        let pin = found.and_then(|number| self.pin(number, pins));
        let initial = pin.filter(|pin| pin.digits == claim.pin.expose()).map(|pin| pin.initial);
        let person = match (&claim.by, found.and_then(|number| self.all.get(number))) {
            (_, Some(member)) => member.id.as_str().to_owned(),
            (Who::ById(id), None) => id.as_str().to_owned(),
            (Who::ByCard { digits, last_four }, None) => format!("{digits}/{}", last_four.to_ascii_uppercase()),
        };
        let caller = claim.caller.map(|number| number.as_str().to_owned());
        let verdict = tries.verdict(Attempt { call: claim.call, person, caller, now: claim.now }, initial);
        let full = match verdict {
            Verdict::Verified => true,
            Verdict::Initial => false,
            Verdict::Wrong { .. } | Verdict::Refused | Verdict::Locked => return (verdict, None),
        };
        let ends_at = claim.now.plus(VERIFIED_FOR);
        (verdict, found.map(|person| Verified { person, ends_at, full }))
    }

    /// Whether a PIN may not become somebody's.
    pub(super) fn is_weak(&self, pin: &Secret, person: usize, caller: Option<&PhoneNumber>, pins: &Pins) -> bool {
        let Some(member) = self.all.get(person) else { return true };
        let known = Known { id: &member.id, card_no: member.card_no.as_deref(), caller };
        is_weak(pin, known) || self.pin(person, pins).is_some_and(|old| old.digits == pin.expose())
    }

    fn pin<'a>(&'a self, number: usize, pins: &'a Pins) -> Option<&'a DemoPin> {
        pins.get(&number).or_else(|| self.all.get(number)?.pin.as_ref())
    }

    fn find(&self, by: &Who) -> Option<usize> {
        match by {
            Who::ById(id) => self.by_id.get(id.as_str()).copied(),
            Who::ByCard { digits, last_four } => {
                let fit = self.by_card.get(&(digits.clone(), last_four.to_ascii_uppercase()))?;
                if let [only] = fit.as_slice() { Some(*only) } else { None }
            }
        }
    }
}

/// Characters 15 to 18.
fn last_four(id: &str) -> String {
    id.get(14..).unwrap_or_default().to_ascii_uppercase()
}

/// A call that nobody else has.
pub(super) fn some_call() -> CallId {
    CallId::from_bytes(rand::random())
}
