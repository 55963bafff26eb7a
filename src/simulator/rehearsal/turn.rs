//! A turn of a rehearsal: what `service/turn.rs` does, without request, document, sealing and store.

use super::answers::Asked;
use super::people::Claim;
use super::{Left, Pins, Rehearsal, State, Verified};
use crate::call::{
    Arrival, DialOutcome, EndCause, Ending, Leg, PromptId, Recording, Reply, Secret, Signature, Spoken, Timestamp,
    Value, ValueRecord, What,
};
use crate::clock::Clock as _;
use crate::dialect::Performance;
use crate::flow::{self, Effect, EffectKind, Event, Input, LOOKUP_WAIT, LookupRequest, Next, Session};
use crate::lookup::{self, demo::DemoPin};
use crate::service::{self, Answered, FAILURE, MOST_STEPS, RING, TALK};
use crate::simulator::call_file::LookupDoes;
use crate::simulator::said::Said;
use crate::simulator::world::{is_after_a_talk, scripted};

/// A call in progress.
pub(super) struct Live {
    pub(super) session: Session,
    arrival: Arrival,
    number: u32,
    verified: Option<Verified>,
    /// A new PIN that was keyed once.
    candidate: Option<String>,
    slow: Option<Slow>,
    /// The recording under way has failed.
    cannot_record: bool,
}

/// A lookup under way.
struct Slow {
    number: u32,
    due: Timestamp,
    secret: Option<Secret>,
    asked_at: Timestamp,
}

/// We failed: the caller hears an apology.
struct Failed;

impl Rehearsal {
    pub(super) async fn turn(&self, state: &mut State, leg: Leg, what: What) -> Performance<Said> {
        let dialled = matches!(what, What::DialEnded { .. });
        if matches!(what, What::Recorded(Recording::Made { hung_up: true, .. })) {
            self.hung_up(state).await;
        }
        let made = self.next(state, leg, what).await;
        let ring = state.live.as_ref().and_then(|live| live.session.peer()).unwrap_or(leg);
        made.and_then(|reply| self.perform(reply, leg, ring, state).map_err(|_| Failed)).unwrap_or_else(|Failed| {
            let reply = if leg == Leg::CALLER { self.apology(!dialled) } else { hang_up(EndCause::HandedOver) };
            let nothing = hang_up(EndCause::OurFault);
            self.perform(reply, leg, ring, state)
                .or_else(|_| self.perform(nothing, leg, ring, state))
                .expect("a reply without prompts can be said")
        })
    }

    /// The caller has hung up.
    pub(super) async fn hung_up(&self, state: &mut State) {
        if state.live.as_ref().is_some_and(|live| live.session.ended().is_none()) && !state.is_down {
            // What is said then is said to nobody.
            let _ = self.run(state, Input::HungUp, None).await;
        }
    }

    /// What was said before a hang-up has come, or nothing could be recorded: the request that follows learns that.
    pub(super) async fn file_ready(&self, state: &mut State, what: What) {
        if let Some(live) = &mut state.live {
            live.cannot_record = what == What::FileReady(Recording::Failed);
        }
        if !state.is_down && state.live.as_ref().is_some_and(|live| live.session.awaits_recording()) {
            let _ = self.next(state, Leg::CALLER, what).await;
        }
    }

    async fn next(&self, state: &mut State, leg: Leg, what: What) -> Result<Reply, Failed> {
        if state.is_down {
            return Err(Failed);
        }
        let line = &self.hall.loaded.line;
        if let What::Arrived(arrival) = what {
            let session = Session::new(line.first_language().clone(), self.clock.now());
            let number = state.calls;
            state.calls += 1;
            state.live = Some(Live {
                session,
                arrival,
                number,
                verified: None,
                candidate: None,
                slow: None,
                cannot_record: false,
            });
            return self.run(state, Input::Arrived, None).await;
        }
        let failed = state.live.as_mut().is_some_and(|live| std::mem::take(&mut live.cannot_record));
        let what = if failed { What::Recorded(Recording::Failed) } else { what };
        let Some(call) = state.live.as_ref().filter(|call| call.session.ended().is_none() || leg != Leg::CALLER) else {
            return Ok(self.in_every_language(&line.unknown_call, Ending::HangUp(EndCause::Unknown)));
        };
        let (input, aside) = service::input(what, leg, line, &call.session, || "recording".to_owned());
        self.run(state, input, aside.secret).await
    }

    /// Runs the engine on `input`, with the lookups that it asks for, up to a reply.
    async fn run(&self, state: &mut State, input: Input, secret: Option<Secret>) -> Result<Reply, Failed> {
        let line = &self.hall.loaded.line;
        let deadline = self.clock.now().plus(LOOKUP_WAIT);
        let Some(mut session) = state.live.as_ref().map(|live| live.session.clone()) else { return Err(Failed) };
        let (mut input, mut effects) = (input, Vec::new());
        for _ in 0..MOST_STEPS {
            let now = self.clock.now();
            let step = match &mut state.seen {
                None => flow::step(line, session, &input, now),
                Some(seen) => {
                    let (step, taken) = flow::step_with_edges(line, session, &input, now);
                    seen.edges.extend(taken);
                    seen.nodes.extend(step.events.iter().filter_map(|event| match event {
                        Event::Entered(node) => Some(node.clone()),
                        Event::Input(_) | Event::Said(_) | Event::Fault(_) | Event::Ended(_) => None,
                    }));
                    step
                }
            };
            session = step.session;
            effects.extend(step.effects);
            input = match step.next {
                Next::Reply(mut reply) => match &mut reply.ending {
                    Ending::Dial(dial) => match self.hall.dial.get(&dial.target) {
                        Some(numbers) => {
                            dial.numbers.clone_from(numbers);
                            return Ok(state.commit(session, effects, reply));
                        }
                        None => Input::DialEnded { outcome: DialOutcome::Failed, talk_s: None },
                    },
                    Ending::Listen(_)
                    | Ending::Record(_)
                    | Ending::GoTo
                    | Ending::Join
                    | Ending::HangUp(_)
                    | Ending::Refuse(_) => return Ok(state.commit(session, effects, reply)),
                },
                Next::Current | Next::Fault(_) => return Err(Failed),
                // As in the service: what this turn does comes before anything that may depend on it.
                Next::Ask(_) if effects.iter().any(Effect::is_asked_about) => {
                    let reply = Reply { prompts: Vec::new(), ending: Ending::GoTo };
                    return Ok(state.commit(session, effects, reply));
                }
                Next::Ask(request) => {
                    let answered = self.ask(state, &session, &request, secret.as_ref(), deadline).await;
                    answered.map_or(Input::LookupLate, |answered| Input::LookupDone {
                        outcome: answered.outcome,
                        values: answered.values,
                    })
                }
            };
        }
        Err(Failed)
    }

    /// The answer, if it comes before `deadline`.
    async fn ask(
        &self,
        state: &mut State,
        session: &Session,
        request: &LookupRequest,
        secret: Option<&Secret>,
        deadline: Timestamp,
    ) -> Option<Answered> {
        let live = state.live.as_mut()?;
        let slow = live.slow.take().filter(|slow| slow.number == request.number);
        let lookup = &request.lookup;
        let does = state.lookups.get(lookup).cloned().unwrap_or_else(|| LookupDoes::unless_told(lookup));
        let slow = match (slow, does) {
            (Some(slow), _) => slow,
            (None, LookupDoes::Works) => {
                return Some(self.answer(state, session, request, secret, self.clock.now()).await);
            }
            (None, LookupDoes::Fails) => return Some(Answered::unavailable()),
            (None, LookupDoes::Answers(..)) if is_after_a_talk(request) => {
                return Some(Answered { outcome: "served".to_owned(), ..Answered::unavailable() });
            }
            (None, LookupDoes::Answers(outcome, values)) => {
                return Some(scripted(lookup, outcome, &values));
            }
            (None, LookupDoes::Takes(time)) => {
                let now = self.clock.now();
                Slow { number: request.number, due: now.plus(time), secret: secret.cloned(), asked_at: now }
            }
        };
        self.clock.advance_to(slow.due.min(deadline));
        if slow.due <= deadline {
            return Some(self.answer(state, session, request, slow.secret.as_ref(), slow.asked_at).await);
        }
        state.live.as_mut()?.slow = Some(slow);
        None
    }

    async fn answer(
        &self,
        state: &mut State,
        session: &Session,
        request: &LookupRequest,
        secret: Option<&Secret>,
        now: Timestamp,
    ) -> Answered {
        let plain = |outcome: &str| Answered { outcome: outcome.to_owned(), ..Answered::unavailable() };
        let (people, line) = (&self.hall.people, &self.hall.loaded.line);
        let (closed_today, reachable) = (state.is_on("closed-today"), !state.is_on("nobody"));
        let Some(call) = &mut state.live else { return Answered::unavailable() };
        let verified = call.verified.filter(|verified| verified.ends_at > now);
        let caller = call.arrival.caller.as_ref();
        match request.lookup.as_str() {
            "verify" => {
                let by = service::claimed(&request.arguments, now.in_zone(&line.zone).date());
                let (Some(by), Some(pin)) = (by, secret) else { return Answered::unavailable() };
                let claim = Claim { by, pin, call: call.number, caller, now };
                let (verdict, verified) = people.verify(&claim, &mut state.tries, &state.pins);
                call.verified = verified.or(call.verified);
                let answer = verdict.answer();
                Answered { outcome: answer.outcome.to_owned(), values: answer.values, candidate: None }
            }
            "check-new-pin" => {
                let (Some(holder), Some(pin)) = (verified, secret) else { return Answered::unavailable() };
                if people.is_weak(pin, holder.person, caller, &state.pins) {
                    return plain("weak");
                }
                call.candidate = Some(pin.expose().to_owned());
                plain("accepted")
            }
            "confirm-new-pin" => match (verified, &call.candidate, secret) {
                (Some(_), Some(candidate), Some(pin)) if candidate == pin.expose() => plain("same"),
                (Some(_), Some(_), Some(_)) => plain("differs"),
                _ => Answered::unavailable(),
            },
            "duty" => {
                let (outcome, values) = service::duty_answer(line, now, closed_today, reachable);
                Answered { outcome: outcome.to_owned(), values, candidate: None }
            }
            // Nobody is at a desk in a rehearsal, unless a script says so.
            "new-reference" => service::proposed(service::simulated_reference(state.left.filed)),
            "ticket-state" => {
                let known = match request.arguments.get("reference") {
                    Some(Value::Digits(reference)) if state.left.tickets.contains(reference) => Some(reference),
                    _ => None,
                };
                service::ticket(known.map(|reference| (reference.as_str(), "registered")))
            }
            // Nobody has a telephone that a text could reach, unless a script says so.
            "sms-available" => service::sms_available(false),
            "call-back-time" => service::call_back_time(line, now),
            "caller-number" => service::caller_number(caller),
            "queue" => {
                let (outcome, values) = service::duty_answer(line, now, closed_today, reachable);
                let outcome = if outcome == "on-duty" { "overflow" } else { outcome };
                Answered { outcome: outcome.to_owned(), values, candidate: None }
            }
            name => {
                let is_personal =
                    lookup::ALL.iter().any(|known| known.signature.name == name && known.signature.personal);
                let person = verified.filter(|verified| is_personal && verified.full).map(|verified| verified.person);
                if is_personal && person.is_none() {
                    return plain(Signature::EXPIRED);
                }
                let lost = person.and_then(|person| state.left.losses.get(&person)).filter(|_| name == "card-loss");
                if let Some(until) = lost {
                    let values = [("until".to_owned(), until.clone())].into();
                    return Answered { outcome: "reported".to_owned(), values, candidate: None };
                }
                let person = person.and_then(|person| Some((person, people.get(person)?)));
                let (language, switches, arrival) = (&session.language, &state.switches, &call.arrival);
                self.hall.answers.get(&Asked { request, person, language, switches, arrival, now }).await
            }
        }
    }

    /// An apology in every language and a way to a person, or the end.
    fn apology(&self, dials: bool) -> Reply {
        let apology = &self.hall.loaded.line.apology;
        match self.hall.dial.get(&apology.dial).filter(|_| dials) {
            Some(numbers) => {
                let (target, numbers) = (apology.dial.clone(), numbers.clone());
                let dial =
                    crate::call::Dial { target, numbers, ring: RING, limit: TALK, whisper: None, recorded: false };
                self.in_every_language(&apology.prompt, Ending::Dial(dial))
            }
            None => self.in_every_language(&apology.end, Ending::HangUp(EndCause::OurFault)),
        }
    }

    fn in_every_language(&self, prompt: &PromptId, ending: Ending) -> Reply {
        let loaded = &self.hall.loaded;
        let in_one = |language: &crate::call::Language| Spoken {
            prompt: prompt.clone(),
            language: language.clone(),
            values: ValueRecord::new(),
            personal: false,
            slow: false,
        };
        let tone = self.hall.speech.clips && loaded.catalogue.contains(FAILURE);
        let tone = loaded.line.languages.first().filter(|_| tone);
        let tone = tone.map(|language| Spoken { prompt: PromptId::from(FAILURE), ..in_one(language) });
        Reply { prompts: tone.into_iter().chain(loaded.line.languages.iter().map(in_one)).collect(), ending }
    }
}

impl State {
    /// The turn has happened.
    fn commit(&mut self, session: Session, effects: Vec<Effect>, reply: Reply) -> Reply {
        if let Some(live) = &mut self.live {
            live.session = session;
            for effect in effects {
                live.happens(&mut self.pins, &mut self.left, &effect);
            }
        }
        reply
    }
}

impl Live {
    fn happens(&mut self, pins: &mut Pins, left: &mut Left, effect: &Effect) {
        match effect.kind {
            EffectKind::ChangePin => {
                if let (Some(verified), Some(digits)) = (&mut self.verified, self.candidate.take()) {
                    verified.full = true;
                    pins.insert(verified.person, DemoPin { digits, initial: false });
                }
            }
            EffectKind::FileTicket => {
                left.filed += 1;
                if let Some(Value::Digits(reference)) = effect.arguments.get("reference") {
                    left.tickets.push(reference.clone());
                }
            }
            EffectKind::LeaveMessage => left.filed += 1,
            EffectKind::ReportCardLoss => {
                if let (Some(verified), Some(until)) = (&self.verified, effect.arguments.get("until")) {
                    left.losses.insert(verified.person, until.clone());
                }
            }
            // Nobody else waits in a rehearsal, and nobody asks for these.
            EffectKind::Queue(_)
            | EffectKind::KeepRecording
            | EffectKind::BookCallBack
            | EffectKind::Rate
            | EffectKind::RateReason
            | EffectKind::Sms => {}
        }
    }
}

fn hang_up(cause: EndCause) -> Reply {
    Reply { prompts: Vec::new(), ending: Ending::HangUp(cause) }
}
