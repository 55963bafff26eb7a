//! Finished calls, replayed from their logs.

use std::time::Duration;

use hotline::call::Timestamp;
use hotline::flow::{self, Event, Input, Loaded};
use hotline::line_files;
use hotline::replay::{Recorded, Walk, Walked, follow, replay};
use hotline::service::signatures;
use hotline::store::DataKey;

use crate::app::{App, DATA_KEY, Way};
use crate::random::{MORNING, RandomCaller};

fn shipped() -> Loaded {
    flow::load(&line_files::shipped(), &signatures()).unwrap()
}

/// Every finished call that is on record.
async fn finished(app: &App) -> Vec<Recorded> {
    let (records, key) = (app.world.database.records(), DataKey::from_bytes(DATA_KEY));
    let mut walk = Walk::new(&records, &key, Timestamp::default());
    let mut calls = Vec::new();
    while let Some(walked) = walk.next().await.unwrap() {
        match walked {
            Walked::Call(call) => calls.push(*call),
            Walked::Forgotten => panic!("nothing is old enough"),
        }
    }
    calls
}

/// As many random calls, several at a time; whoever vanishes is lost in the end.
async fn random_calls(app: &App, seeds: std::ops::Range<u64>) {
    let mut callers = Vec::new();
    app.world.clock.set(MORNING);
    for seed in seeds {
        app.world.clock.advance(Duration::from_mins(seed % 90));
        callers.push(RandomCaller::calls(app, seed).await);
        while callers.len() >= 5 {
            let mut going_on = Vec::new();
            for mut caller in callers {
                if caller.acts(app).await {
                    going_on.push(caller);
                }
            }
            callers = going_on;
        }
    }
    app.world.clock.advance(Duration::from_hours(24));
    while app.world.service.calls_in_progress() > 0 {
        app.world.service.sweep().await;
    }
}

#[tokio::test]
async fn a_thousand_random_calls_are_the_same_again() {
    let app = App::start(Way::Text).await;
    random_calls(&app, 0..1_000).await;
    let calls = finished(&app).await;
    app.stop().await;
    assert_eq!(calls.len(), 1_000);
    let loaded = shipped();
    let (mut turns, mut inputs) = (0, std::collections::BTreeSet::new());
    for call in &calls {
        let trace = replay(&loaded.line, call).unwrap_or_else(|differs| panic!("call {}: {differs:?}", call.call));
        let fate = follow(&loaded, &loaded, &trace);
        assert!(fate.is_same(), "call {}: {fate:?}", call.call);
        turns += call.turns.len();
        let steps = call.turns.iter().flat_map(|turn| &turn.steps).flat_map(|step| &step.events);
        inputs.extend(steps.filter_map(|event| if let Event::Input(input) = event { Some(kind(input)) } else { None }));
    }
    assert!(turns > 4_000, "{turns} turns are few");
    // Whatever can happen has happened.
    assert_eq!(inputs.len(), 13, "{inputs:?}");
}

const fn kind(input: &Input) -> &'static str {
    match input {
        Input::Arrived => "arrived",
        Input::Pressed(_) => "pressed",
        Input::Entered(_) => "entered",
        Input::Silent => "silent",
        Input::Continued => "continued",
        Input::LookupDone { .. } => "done",
        Input::LookupLate => "late",
        Input::DialEnded { .. } => "dial-ended",
        Input::PeerAnswered { .. } => "answered",
        Input::PeerPressed { .. } => "peer-pressed",
        Input::PeerSilent { .. } => "peer-silent",
        Input::HungUp => "hung-up",
        Input::Lost => "lost",
    }
}
