//! What operators do besides answering their telephones.

use hotline::clock::Clock as _;
use hotline::store::queue::{CalledBack, Presence};

use super::{CLOSES, Day, EMPTY, Event, HOUR, OPENS};

pub(super) struct Operator {
    no: i64,
    back_at: f64,
    break_at: f64,
}

impl Day {
    pub(super) fn hires(&mut self) {
        for number in 0..self.plan.operators {
            let database = self.world().database.clone();
            let hired = database.write(move |connection| {
                Box::pin(async move {
                    sqlx::query_scalar(
                        "INSERT INTO operators (number, name, role, password, must_change, languages, subjects, made_at) \
                         VALUES (?, 'Somebody', 'operator', '', 0, '[\"zh-CN\",\"en\"]', '[]', 0) RETURNING no",
                    )
                    .bind((1001 + number).to_string())
                    .fetch_one(connection)
                    .await
                })
            });
            let no = self.block_on(hired).unwrap();
            let break_at = self.between(OPENS + HOUR, OPENS + 3.0 * HOUR);
            self.operators.push(Operator { no, back_at: OPENS, break_at });
        }
    }

    /// Operators look up, and the server looks after the queue.
    pub(super) fn ticks(&mut self) {
        let now = self.now;
        self.ticks += 1;
        // A desk is heard of every 40 s.
        let looks = self.ticks.is_multiple_of(4);
        let world = self.world();
        let (database, at) = (world.database.clone(), world.clock.now());
        let (states, waiting) = self.block_on(async {
            world.service.sweep().await;
            database.match_waiting(at).await.unwrap();
            (database.operators_now().await.unwrap(), database.waiting_now().await.unwrap())
        });
        // Nobody goes home while somebody waits.
        let open =
            (OPENS - 30.0..CLOSES).contains(&now) || (CLOSES..EMPTY - 60.0).contains(&now) && !waiting.is_empty();
        for place in 0..self.operators.len() {
            let Operator { no, back_at, break_at } = self.operators[place];
            let state = states.iter().find(|one| one.no == no);
            let name = state.map_or("offline", |one| one.state.as_str());
            // A desk finds the server again by itself.
            if open && (name == "offline" || state.is_some_and(|one| one.reason == "restart")) {
                self.block_on(database.enter_presence(no, at)).unwrap();
            }
            let free = name != "reserved" && name != "talking";
            let to = match name {
                "offline" if !open => None,
                _ if !open && free => Some(Presence::Offline),
                "reserved" => {
                    let theirs = state.and_then(|one| one.waiting);
                    let back = waiting.iter().find(|waiter| Some(waiter.no) == theirs && waiter.call_back);
                    if let Some(waiter) = back {
                        self.may_call_back(place, waiter.no);
                    }
                    None
                }
                "available" if now >= break_at && now < CLOSES - HOUR => {
                    self.operators[place].back_at = now + 600.0;
                    self.operators[place].break_at = now + 2.0 * HOUR;
                    Some(Presence::Away("break".to_owned()))
                }
                // Whoever missed a call notices some time later.
                "away" if state.is_some_and(|one| !matches!(one.reason.as_str(), "break" | "restart")) => {
                    self.happens(0.12).then_some(Presence::Available)
                }
                "away" | "offline" if now >= back_at => Some(Presence::Available),
                "wrap-up" if self.happens(0.2) => Some(Presence::Available),
                _ => None,
            };
            self.block_on(async {
                match to {
                    Some(to) => drop(database.set_presence(no, to, at).await.unwrap()),
                    None if open && looks => database.keep_seen(no, at).await.unwrap(),
                    None => {}
                }
            });
        }
    }

    /// Somebody is shown to them who is to be called back. Most do it at once, some miss it.
    fn may_call_back(&mut self, place: usize, waiting: i64) {
        if !self.happens(0.7) {
            return;
        }
        let (no, world) = (self.operators[place].no, self.world());
        let calling = world.database.called_back(no, waiting, CalledBack::Calling, world.clock.now());
        assert!(self.block_on(calling).unwrap(), "whoever is reserved for a call-back can make it");
        let reached = !self.happens(0.15);
        let lasts = if reached { 20.0 + self.exponential(120.0) } else { 30.0 };
        self.plans(self.now + lasts, Event::CalledBack(place, waiting, reached));
    }

    pub(super) fn called_back(&mut self, place: usize, waiting: i64, reached: bool) {
        let (no, world) = (self.operators[place].no, self.world());
        let did = if reached { CalledBack::Reached } else { CalledBack::NotReached };
        let done = world.database.called_back(no, waiting, did, world.clock.now());
        assert!(self.block_on(done).unwrap(), "a call-back ends as it began");
    }
}
