//! A desk, live: calls ring there; whoever answers hears who comes, takes the call with a key, and talks.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Switchboard;
use super::caller::FIND;
use super::cords::{Ringing, ToCaller, ToDesk};
use super::ear::Ear;
use super::letters::{MOST_LETTERS, speak};
use super::message::{Does, Told, TroubleTold};
use super::page::{FromPage, Page};
use super::ticket::Ticket;
use crate::call::{EndCause, Kind, Timestamp, What};
use crate::simulator::{Leg, Then, Trouble};

/// A page, until it is gone.
pub(super) async fn run(board: Arc<Switchboard>, operator: String, page: Page) {
    let (own, letters) = mpsc::channel(MOST_LETTERS);
    board.cords.comes(&operator, &own);
    let number = board.cords.free(&operator, &own);
    let place = Place::Free { number, rings: BTreeSet::new() };
    let mut desk = Desk { ear: Ear::new(page), board, operator, place, own, letters };
    desk.ear.tell(Told::Connected);
    while desk.next().await {}
    desk.leaves();
}

struct Desk {
    board: Arc<Switchboard>,
    /// Their number.
    operator: String,
    ear: Ear,
    place: Place,
    own: mpsc::Sender<ToDesk>,
    letters: mpsc::Receiver<ToDesk>,
}

/// What the desk does.
enum Place {
    /// Waits for calls; these ring.
    Free { number: u64, rings: BTreeSet<String> },
    /// Hears who comes.
    Whisper { ringing: Ringing, leg: Box<Leg>, since: Timestamp },
    Talking {
        caller: mpsc::Sender<ToCaller>,
        room: String,
        since: Timestamp,
        /// The caller waits.
        held: bool,
    },
    /// The other end of a talk is looked for.
    Finding { room: String, since: Timestamp },
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.board.clock.now()
    }

    /// Whatever happens next; whether the desk is still there.
    async fn next(&mut self) -> bool {
        if !self.pass().await {
            return false;
        }
        let wake = self.due();
        let clock = Arc::clone(&self.board.clock);
        let Self { ear, letters, .. } = self;
        tokio::select! {
            done = ear.does() => {
                let Some(done) = done else {
                    self.ear.has_gone(clock.now());
                    // A talk is worth waiting for; a desk that only waits for calls is closed.
                    return matches!(self.place, Place::Talking { .. } | Place::Finding { .. });
                };
                return self.does(done).await;
            }
            Some(letter) = letters.recv() => return self.reads(letter),
            () = async {
                match wake {
                    Some(wake) => clock.sleep(wake.since(clock.now())).await,
                    None => std::future::pending().await,
                }
            } => {}
        }
        true
    }

    fn due(&self) -> Option<Timestamp> {
        let place = match &self.place {
            Place::Free { .. } | Place::Talking { .. } => None,
            Place::Whisper { leg, .. } => Some(leg.playing().due()),
            Place::Finding { since, .. } => Some(since.plus(FIND)),
        };
        [place, self.ear.due()].into_iter().flatten().min()
    }

    async fn pass(&mut self) -> bool {
        let now = self.now();
        self.ear.pass(now);
        if self.ear.given_up().is_some_and(|then| then <= now) {
            return false;
        }
        match &mut self.place {
            Place::Whisper { ringing, leg, .. } if leg.playing().due() <= now => {
                let then = leg.pass(&ringing.wire).await;
                self.then(then).await;
            }
            Place::Finding { since, .. } if since.plus(FIND) <= now => self.ends(EndCause::Lost),
            Place::Free { .. } | Place::Whisper { .. } | Place::Talking { .. } | Place::Finding { .. } => {}
        }
        true
    }

    /// Whether the desk is still there.
    async fn does(&mut self, done: FromPage) -> bool {
        match (done, &mut self.place) {
            (FromPage::Text(Does::Answer { call }), Place::Free { .. }) => self.answer(&call).await,
            (FromPage::Text(Does::Decline { call }), Place::Free { number, rings }) => {
                rings.remove(&call);
                self.board.cords.decline(&call, *number);
                self.ear.tell(Told::Quiet { call });
            }
            (FromPage::Text(Does::Resume { ticket }), Place::Free { .. }) => return self.resume(&ticket),
            (FromPage::Text(Does::Key { key }), Place::Whisper { ringing, leg, .. }) => {
                let lost = !leg.playing().takes(key, ringing.wire.now());
                self.ear.tell(Told::Key { lost });
                if !lost {
                    self.ear.stop();
                    let then = leg.press(&ringing.wire, key).await;
                    self.then(then).await;
                }
            }
            (FromPage::Text(Does::HangUp), Place::Whisper { .. } | Place::Finding { .. }) => {
                self.ends(EndCause::HandedOver);
            }
            (FromPage::Text(Does::HangUp), Place::Talking { .. }) => self.ends(EndCause::Finished),
            (FromPage::Text(Does::Hold { on }), Place::Talking { caller, held, .. }) => {
                *held = on;
                let _ = caller.try_send(ToCaller::Held(on));
                self.ear.tell(Told::Held { on });
            }
            (FromPage::Sound(sound), Place::Talking { caller, held: false, .. }) => {
                speak(caller, ToCaller::Voice(sound));
            }
            // Sound at the wrong time; or a page that was given its talk already.
            (FromPage::Sound(_), _)
            | (FromPage::Text(Does::Resume { .. }), Place::Talking { .. } | Place::Whisper { .. }) => {}
            (FromPage::Unreadable, _) => self.ear.trouble(TroubleTold::BadMessage),
            (FromPage::Text(_), _) => self.ear.trouble(TroubleTold::NotNow),
        }
        true
    }

    /// Whether the desk is still there.
    fn reads(&mut self, letter: ToDesk) -> bool {
        let now = self.now();
        match (letter, &mut self.place) {
            (ToDesk::Back(page), _) => self.back(page),
            (ToDesk::Rings { call, until }, Place::Free { rings, .. }) => {
                rings.insert(call.clone());
                self.ear.tell(Told::Rings { call, waits_s: until.since(now).as_secs() });
            }
            (ToDesk::Quiet(call), Place::Free { rings, .. }) => {
                if rings.remove(&call) {
                    self.ear.tell(Told::Quiet { call });
                }
            }
            (ToDesk::Found(caller), Place::Finding { room, since }) => {
                let (room, since) = (room.clone(), *since);
                self.talks(caller, room, since);
            }
            (ToDesk::Voice(sound), Place::Talking { held: false, .. }) => self.ear.play(sound),
            (ToDesk::Left, Place::Talking { .. } | Place::Whisper { .. } | Place::Finding { .. }) => {
                self.ends(EndCause::CallerHungUp);
            }
            (ToDesk::Found(caller), _) => {
                let _ = caller.try_send(ToCaller::Left);
            }
            (
                ToDesk::Rings { .. } | ToDesk::Quiet(_) | ToDesk::Voice(_) | ToDesk::Left,
                Place::Free { .. } | Place::Whisper { .. } | Place::Talking { .. } | Place::Finding { .. },
            ) => {}
        }
        true
    }

    /// A page takes the place of the one before, which may be there still: it is told where the desk is.
    fn back(&mut self, page: Page) {
        self.ear.tell(Told::Elsewhere);
        self.ear.back(page);
        match &mut self.place {
            Place::Talking { room, held, .. } => {
                let ticket = self.board.tickets.write(&Ticket::Desk { room: room.clone() });
                self.ear.tell(Told::Ticket { ticket });
                self.ear.tell(Told::Talks);
                if *held {
                    self.ear.tell(Told::Held { on: true });
                }
            }
            Place::Free { number, rings } => {
                self.board.cords.not_free(*number);
                // What rings rings again.
                *number = self.board.cords.free(&self.operator, &self.own);
                rings.clear();
            }
            Place::Whisper { .. } | Place::Finding { .. } => {}
        }
    }

    async fn answer(&mut self, call: &str) {
        let Some(ringing) = self.board.cords.take(call) else {
            self.ear.tell(Told::Quiet { call: call.to_owned() });
            return;
        };
        let _ = ringing.caller.try_send(ToCaller::Answered(self.own.clone()));
        self.not_free();
        let since = self.now();
        let Some(url) = &ringing.whisper else { return self.joins(ringing.caller) };
        let parent = Some(ringing.leg.clone());
        match Leg::begin(&ringing.wire, parent, Kind::Whisper, url, What::PeerAnswered).await {
            Ok(leg) => {
                self.ear.hear(leg.playing(), &self.board.beep, since);
                self.place = Place::Whisper { ringing, leg: Box::new(leg), since };
                self.tell_turns().await;
            }
            Err(trouble) => {
                self.place = Place::Talking { caller: ringing.caller, room: String::new(), since, held: false };
                self.fails(&trouble);
            }
        }
    }

    /// A page takes up its talk. Whether that is for this desk: one that has waited for the page has it back.
    fn resume(&mut self, ticket: &str) -> bool {
        let Some(Ticket::Desk { room }) = self.board.tickets.read(ticket) else {
            self.ear.trouble(TroubleTold::CallGone);
            return true;
        };
        let Some(page) = self.ear.take_page() else { return false };
        match self.board.cords.back_to_desk(&room, page) {
            Ok(()) => false,
            Err(page) => {
                self.ear.back(page);
                self.not_free();
                self.place = Place::Finding { room: room.clone(), since: self.now() };
                self.board.cords.find_caller(&room, &self.own);
                true
            }
        }
    }

    /// What has come of a key or of time.
    async fn then(&mut self, then: Result<Then, Trouble>) {
        self.tell_turns().await;
        let now = self.now();
        let Place::Whisper { ringing, leg, .. } = &self.place else { return };
        match then {
            Ok(Then::Waits) => {}
            Ok(Then::Plays) => {
                self.ear.lose_keys();
                self.ear.hear(leg.playing(), &self.board.beep, now);
            }
            Ok(Then::Joins) => {
                let caller = ringing.caller.clone();
                self.joins(caller);
            }
            Ok(Then::HangsUp(_) | Then::Refuses(_) | Then::Rings | Then::Recorded(_)) => {
                self.ends(EndCause::HandedOver);
            }
            Err(trouble) => self.fails(&trouble),
        }
    }

    /// Gives what went over the wire for this leg to the caller's page: that is where an author is.
    async fn tell_turns(&self) {
        let Place::Whisper { ringing, leg, .. } = &self.place else { return };
        let seen = self.board.watching.take(leg.id());
        let last = seen.len();
        for (number, seen) in (1..).zip(seen) {
            let told = seen.told(&self.board, leg.id(), Some(&ringing.leg), number == last).await;
            let _ = ringing.caller.try_send(ToCaller::Turn(Box::new(told)));
        }
    }

    fn fails(&mut self, trouble: &Trouble) {
        tracing::warn!("a desk of the phone in the box lost a call: {trouble}");
        self.ear.trouble(TroubleTold::NoDocument);
        self.ends(EndCause::ProviderFault);
    }

    fn joins(&mut self, caller: mpsc::Sender<ToCaller>) {
        let room = format!("{:032x}", rand::random::<u128>());
        let _ = caller.try_send(ToCaller::Joined(room.clone()));
        let since = self.now();
        self.talks(caller, room, since);
    }

    fn talks(&mut self, caller: mpsc::Sender<ToCaller>, room: String, since: Timestamp) {
        self.ear.stop();
        self.board.cords.talks(&room, &self.own);
        let ticket = self.board.tickets.write(&Ticket::Desk { room: room.clone() });
        self.place = Place::Talking { caller, room, since, held: false };
        self.ear.tell(Told::Ticket { ticket });
        self.ear.tell(Told::Talks);
    }

    /// The call is over at this desk, which is free again.
    fn ends(&mut self, cause: EndCause) {
        let since = self.lets_go();
        self.ear.stop();
        let seconds = self.now().since(since).as_secs();
        self.ear.tell(Told::Ended { cause, seconds });
        let number = self.board.cords.free(&self.operator, &self.own);
        self.place = Place::Free { number, rings: BTreeSet::new() };
    }

    /// The caller is told that nobody is at this end any more. When the call began here.
    fn lets_go(&mut self) -> Timestamp {
        match &self.place {
            Place::Free { .. } => self.now(),
            Place::Whisper { ringing, since, .. } => {
                let _ = ringing.caller.try_send(ToCaller::Declined);
                *since
            }
            Place::Talking { caller, room, since, .. } => {
                let _ = caller.try_send(ToCaller::Left);
                self.board.cords.talked(room);
                *since
            }
            Place::Finding { room, since } => {
                self.board.cords.talked(room);
                *since
            }
        }
    }

    fn not_free(&mut self) {
        if let Place::Free { number, .. } = &self.place {
            self.board.cords.not_free(*number);
        }
    }

    /// The page has gone for good.
    fn leaves(mut self) {
        self.board.cords.goes(&self.operator, &self.own);
        self.not_free();
        self.lets_go();
    }
}
