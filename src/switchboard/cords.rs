//! Who is plugged in: desks that are free, calls that ring, pages that may come back to where they were.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::message::TurnTold;
use super::page::Page;
use crate::call::{PhoneNumber, Timestamp};
use crate::simulator::Wire;

/// How many calls there may be.
const MOST_CALLERS: usize = 500;

/// What the end of a caller is told by others.
pub(super) enum ToCaller {
    /// Its page has come back.
    Back(Page),
    /// Somebody has picked up, and hears who comes.
    Answered(mpsc::Sender<ToDesk>),
    /// Whoever picked up takes the call. The name of the talk.
    Joined(String),
    /// Whoever picked up does not take it, or has gone before.
    Declined,
    /// No desk wants it.
    Busy,
    /// The desk of a talk that goes on after a new start.
    Found(mpsc::Sender<ToDesk>),
    Voice(Bytes),
    /// Waits, and hears music; or does not any more.
    Held(bool),
    Left,
    /// To an author: a turn of the leg that was dialled.
    Turn(Box<TurnTold>),
}

/// What a desk is told by others.
pub(super) enum ToDesk {
    Back(Page),
    Rings { call: String, until: Timestamp },
    Quiet(String),
    Found(mpsc::Sender<ToCaller>),
    Voice(Bytes),
    Left,
}

/// A call that rings.
#[derive(Clone)]
pub(super) struct Ringing {
    pub(super) wire: Wire,
    /// The caller's leg.
    pub(super) leg: String,
    /// The operators who are rung; everybody's desks ring if it is empty.
    pub(super) operators: BTreeSet<String>,
    /// Where the whisper is, if there is one.
    pub(super) whisper: Option<String>,
    pub(super) until: Timestamp,
    pub(super) caller: mpsc::Sender<ToCaller>,
}

/// What rings the desk of one operator: their number stands behind it.
const OPERATOR: &str = "client:operator-";

impl Ringing {
    /// The operators whose desks these addresses are; nobody's if one of them is for all.
    pub(super) fn operators(addresses: &[PhoneNumber]) -> BTreeSet<String> {
        let numbers = addresses.iter().map(|address| address.as_str().strip_prefix(OPERATOR).map(ToOwned::to_owned));
        numbers.collect::<Option<_>>().unwrap_or_default()
    }

    fn is_for(&self, operator: &str) -> bool {
        self.operators.is_empty() || self.operators.contains(operator)
    }
}

/// A desk that is free.
struct FreeDesk {
    /// The number of the operator at it.
    operator: String,
    letters: mpsc::Sender<ToDesk>,
}

/// One end of a talk that waits for the other to come back.
enum Waiting {
    Caller(mpsc::Sender<ToCaller>),
    Desk(mpsc::Sender<ToDesk>),
}

#[derive(Default)]
struct State {
    next_desk: u64,
    /// Desks that are free.
    desks: BTreeMap<u64, FreeDesk>,
    /// With the desks that do not want them.
    ringing: BTreeMap<String, (Ringing, BTreeSet<u64>)>,
    /// Callers by the id of their leg.
    callers: HashMap<String, mpsc::Sender<ToCaller>>,
    /// Every desk, by the number of the operator.
    at_work: HashMap<String, mpsc::Sender<ToDesk>>,
    /// Desks in a talk, by its name.
    talking: HashMap<String, mpsc::Sender<ToDesk>>,
    rooms: HashMap<String, Waiting>,
}

/// Everybody.
#[derive(Default)]
pub(super) struct Cords(Mutex<State>);

impl Cords {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn desks(&self) -> usize {
        self.state().desks.len()
    }

    /// A caller's leg is here. Whether there was room for it.
    pub(super) fn enter(&self, leg: &str, caller: &mpsc::Sender<ToCaller>) -> bool {
        let mut state = self.state();
        let has_room = state.callers.len() < MOST_CALLERS;
        if has_room {
            state.callers.insert(leg.to_owned(), caller.clone());
        }
        has_room
    }

    pub(super) fn leave(&self, leg: &str) {
        self.state().callers.remove(leg);
    }

    /// Gives a page back to the end of a caller that is still here.
    ///
    /// # Errors
    /// The page, if it is not.
    pub(super) fn back_to_caller(&self, leg: &str, page: Page) -> Result<(), Page> {
        let Some(caller) = self.state().callers.get(leg).cloned() else { return Err(page) };
        hand_over(caller.try_send(ToCaller::Back(page)))
    }

    /// Gives another page to the desk of an operator who has one already.
    ///
    /// # Errors
    /// The page, if they have none.
    pub(super) fn other_page(&self, operator: &str, page: Page) -> Result<(), Page> {
        let Some(desk) = self.state().at_work.get(operator).cloned() else { return Err(page) };
        hand_over(desk.try_send(ToDesk::Back(page)))
    }

    /// An operator has a desk from now on.
    pub(super) fn comes(&self, operator: &str, desk: &mpsc::Sender<ToDesk>) {
        self.state().at_work.insert(operator.to_owned(), desk.clone());
    }

    /// This desk is closed.
    pub(super) fn goes(&self, operator: &str, desk: &mpsc::Sender<ToDesk>) {
        let mut state = self.state();
        if state.at_work.get(operator).is_some_and(|own| own.same_channel(desk)) {
            state.at_work.remove(operator);
        }
    }

    /// A desk is free: what rings rings there too. Its number.
    pub(super) fn free(&self, operator: &str, desk: &mpsc::Sender<ToDesk>) -> u64 {
        let mut state = self.state();
        let number = state.next_desk;
        state.next_desk += 1;
        for (call, (ringing, _)) in state.ringing.iter().filter(|(_, (ringing, _))| ringing.is_for(operator)) {
            let _ = desk.try_send(ToDesk::Rings { call: call.clone(), until: ringing.until });
        }
        state.desks.insert(number, FreeDesk { operator: operator.to_owned(), letters: desk.clone() });
        number
    }

    pub(super) fn not_free(&self, desk: u64) {
        let mut state = self.state();
        state.desks.remove(&desk);
        state.tell_unwanted();
    }

    /// A call rings at every free desk that it is for. Its name there, and how many there are.
    pub(super) fn ring(&self, ringing: Ringing) -> (String, usize) {
        let call = format!("{:016x}", rand::random::<u64>());
        let mut state = self.state();
        let mut desks = 0;
        for desk in state.desks.values().filter(|desk| ringing.is_for(&desk.operator)) {
            let _ = desk.letters.try_send(ToDesk::Rings { call: call.clone(), until: ringing.until });
            desks += 1;
        }
        state.ringing.insert(call.clone(), (ringing, BTreeSet::new()));
        (call, desks)
    }

    /// Takes a call that rings, so that it rings nowhere any more; `None` if somebody was first.
    pub(super) fn take(&self, call: &str) -> Option<Ringing> {
        let mut state = self.state();
        let (ringing, _) = state.ringing.remove(call)?;
        for desk in state.desks.values() {
            let _ = desk.letters.try_send(ToDesk::Quiet(call.to_owned()));
        }
        Some(ringing)
    }

    /// A desk does not want a call.
    pub(super) fn decline(&self, call: &str, desk: u64) {
        let mut state = self.state();
        if let Some((_, declined)) = state.ringing.get_mut(call) {
            declined.insert(desk);
        }
        state.tell_unwanted();
    }

    /// A desk is in a talk, and its page may come back to it.
    pub(super) fn talks(&self, room: &str, desk: &mpsc::Sender<ToDesk>) {
        self.state().talking.insert(room.to_owned(), desk.clone());
    }

    pub(super) fn talked(&self, room: &str) {
        let mut state = self.state();
        state.talking.remove(room);
        state.rooms.remove(room);
    }

    /// Gives a page back to the desk of a talk that goes on here.
    ///
    /// # Errors
    /// The page, if there is none.
    pub(super) fn back_to_desk(&self, room: &str, page: Page) -> Result<(), Page> {
        let Some(desk) = self.state().talking.get(room).cloned() else { return Err(page) };
        hand_over(desk.try_send(ToDesk::Back(page)))
    }

    /// A caller looks for the other end of a talk that went on before this process was started. Both are told.
    pub(super) fn find_desk(&self, room: &str, caller: &mpsc::Sender<ToCaller>) {
        let mut state = self.state();
        match state.rooms.remove(room) {
            Some(Waiting::Desk(desk)) => {
                let _ = desk.try_send(ToDesk::Found(caller.clone()));
                let _ = caller.try_send(ToCaller::Found(desk));
            }
            Some(Waiting::Caller(_)) | None => {
                state.rooms.insert(room.to_owned(), Waiting::Caller(caller.clone()));
            }
        }
    }

    /// The same from a desk.
    pub(super) fn find_caller(&self, room: &str, desk: &mpsc::Sender<ToDesk>) {
        let mut state = self.state();
        match state.rooms.remove(room) {
            Some(Waiting::Caller(caller)) => {
                let _ = caller.try_send(ToCaller::Found(desk.clone()));
                let _ = desk.try_send(ToDesk::Found(caller));
            }
            Some(Waiting::Desk(_)) | None => {
                state.rooms.insert(room.to_owned(), Waiting::Desk(desk.clone()));
            }
        }
    }
}

impl State {
    /// Tells the callers whom no free desk wants. Where there are no desks at all it rings on: one may open.
    fn tell_unwanted(&self) {
        for (ringing, declined) in self.ringing.values() {
            let mut wanted = self.desks.iter().filter(|(_, desk)| ringing.is_for(&desk.operator));
            if !declined.is_empty() && wanted.all(|(desk, _)| declined.contains(desk)) {
                let _ = ringing.caller.try_send(ToCaller::Busy);
            }
        }
    }
}

fn hand_over<T: Letter>(sent: Result<(), mpsc::error::TrySendError<T>>) -> Result<(), Page> {
    match sent {
        Ok(()) => Ok(()),
        Err(mpsc::error::TrySendError::Full(letter) | mpsc::error::TrySendError::Closed(letter)) => {
            letter.page().map_or(Ok(()), Err)
        }
    }
}

/// What may have a page in it.
trait Letter {
    fn page(self) -> Option<Page>;
}

impl Letter for ToCaller {
    fn page(self) -> Option<Page> {
        if let Self::Back(page) = self { Some(page) } else { None }
    }
}

impl Letter for ToDesk {
    fn page(self) -> Option<Page> {
        if let Self::Back(page) = self { Some(page) } else { None }
    }
}
