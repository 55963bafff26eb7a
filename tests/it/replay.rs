//! Finished calls, replayed from their logs.

use std::sync::Arc;
use std::time::Duration;

use hotline::call::{DialOutcome, Keys, PhoneNumber, Timestamp};
use hotline::flow::{self, Event, Files, Input, Loaded};
use hotline::line_files;
use hotline::replay::{Recorded, Report, Walk, Walked, follow, replay};
use hotline::service::signatures;
use hotline::simulator::Phone;
use hotline::store::DataKey;

use crate::app::{App, DATA_KEY, Way};
use crate::random::{MORNING, RandomCaller};

fn shipped() -> Loaded {
    flow::load(&line_files::shipped(), &signatures()).unwrap()
}

/// Every finished call that is on record.
pub(crate) async fn finished(app: &App) -> Vec<Recorded> {
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

/// A random call for each seed, `at_once` at a time; whoever vanishes is lost in the end. `publish`: these files, when the
/// caller of this seed is about to call.
pub(crate) async fn random_calls(
    app: &App,
    seeds: std::ops::Range<u64>,
    at_once: usize,
    publish: Option<(u64, &Files)>,
) {
    let mut callers = Vec::new();
    app.world.clock.set(MORNING);
    for seed in seeds {
        if let Some((_, files)) = publish.filter(|(at, _)| *at == seed) {
            app.world.service.lines().publish(line_files::SHIPPED, files).await.unwrap();
        }
        app.world.clock.advance(Duration::from_mins(seed % 90));
        callers.push(RandomCaller::calls(app, seed).await);
        while callers.len() >= at_once {
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
    random_calls(&app, 0..1_000, 4, None).await;
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
    assert_eq!(inputs.len(), 14, "{inputs:?}");
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
        Input::RecordEnded { .. } => "recorded",
        Input::HungUp => "hung-up",
        Input::Lost => "lost",
    }
}

/// The shipped line with pieces of its files replaced: file, piece, what stands there instead.
pub(crate) fn changed(changes: &[(&str, &str, &str)]) -> Files {
    let mut files = line_files::shipped();
    for (file, from, to) in changes {
        let text = files.0.get_mut(*file).unwrap();
        assert!(text.contains(from), "{from} is not in {file}");
        *text = text.replacen(from, to, 1);
    }
    files
}

async fn phone(app: &App, actions: &[&str]) -> Phone {
    let (carrier, clock) = (app.exchange(), Arc::clone(&app.world.clock));
    let mut phone = Phone::call(carrier, clock, None, PhoneNumber::parse("12333").unwrap()).await.unwrap();
    for action in actions {
        match *action {
            "" => phone.wait_silent().await.unwrap(),
            keys => phone.press(&Keys::parse(keys).unwrap()).await.unwrap(),
        }
    }
    phone
}

/// Three callers: for guidance, for a person, for their balance.
async fn three_calls() -> Vec<Recorded> {
    let app = App::start(Way::Text).await;
    app.world.clock.set(MORNING);
    phone(&app, &["", "2", "3", "1"]).await.hang_up().await.unwrap();
    let mut caller = phone(&app, &["", "2", "0"]).await;
    caller.dial_ends(DialOutcome::Talked, Some(Duration::from_mins(1))).await.unwrap();
    caller.press(&Keys::parse("5").unwrap()).await.unwrap();
    phone(&app, &["", "2", "1", "1", "000101198503121233#", "204816#"]).await.hang_up().await.unwrap();
    let calls = finished(&app).await;
    app.stop().await;
    assert_eq!(calls.len(), 3);
    calls
}

fn report(calls: &[Recorded], changes: &[(&str, &str, &str)]) -> Report {
    let own = shipped();
    let new = flow::load(&changed(changes), &signatures()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut report = Report::default();
    for call in calls {
        report.follow(call.call, follow(&own, &new, &replay(&own.line, call).unwrap()));
    }
    report
}

#[tokio::test]
async fn on_another_version_it_is_told_what_callers_would_hear_and_lose() {
    let calls = three_calls().await;
    let menu = (
        "entry.yaml",
        "1: med.start, 2: pay.start, 3: guide.menu, 4: sup.menu",
        "1: med.start, 2: pay.start, 3: sup.menu, 4: guide.menu",
    );
    let guide = "    kind: menu\n    prompt: guide.menu\n    keys: { 1: guide.card, 2: guide.ways, 3: guide.proxy, 4: guide.remote, 5: guide.rights }";
    let round = "    kind: say\n    prompt: guide.menu\n    next: guide.menu";
    let asked = "  main.new:\n    kind: lookup\n    lookup: maintenance\n    on: { none: main.menu, on: main.menu, unavailable: main.menu }\n\n  main.menu:\n";
    for (changes, told, refused) in [
        // The same words in another file are no difference.
        (&[("entry.yaml", "# Heard whole", "# It is heard whole")][..], &["3 call(s) replayed, 3 the same"][..], false),
        (
            &[("prompts/en/guidance.yaml", "Getting a card", "Getting your card")],
            &["2 the same", "Heard in other words:\n  1 call(s) guide.menu in en"],
            false,
        ),
        (&[menu], &["2 the same", "1 call(s) hear sup.menu instead of guide.menu, from turn 4"], false),
        (
            &[("line.yaml", "  0: op.queue\n", "")],
            &[
                "1 caller(s) would no longer reach a person",
                "1 call(s) press 0, which means nothing at main.menu, from turn 4",
            ],
            true,
        ),
        (
            &[("line.yaml", "  0: op.queue\n", "  0: main.menu\n")],
            &[
                "1 caller(s) would no longer reach a person",
                "1 call(s) hear main.menu instead of op.transfer",
                "callers:\n  1 call(s) are not put through",
            ],
            true,
        ),
        (
            &[(
                "survey.yaml",
                "keys: { 1: survey.1, 2: survey.2, 3: survey.3, 4: survey.4, 5: survey.5 }",
                "keys: { 1: survey.1, 2: survey.2, 3: survey.3, 4: survey.4, 5: main.menu }",
            )],
            &[
                "1 call(s) hear main.menu instead of survey.thanks",
                "1 call(s) end as nothing yet, they go on instead of finished",
            ],
            false,
        ),
        (
            &[("guidance.yaml", guide, round)],
            &[
                "Stopped by a mistake of the line:\n  1 call(s) the flow passed",
                "1 call(s) end as our-fault instead of caller-hung-up",
            ],
            true,
        ),
        (
            &[
                ("entry.yaml", "  main.menu:\n", asked),
                ("entry.yaml", "self-service: main.menu", "self-service: main.new"),
            ],
            &[
                // One of them was asked it later in the call.
                "1 the same",
                "1 caller(s) may not reach a person any more",
                "2 call(s) are asked about by lookup maintenance, which was not asked so, from turn 3",
            ],
            false,
        ),
        (
            &[("line.yaml", "first-key: 6s", "first-key: 8s")],
            &["0 the same", "3 call(s) after entry.lang: the line waits 8 s for a key, where it waits 6 s for a key"],
            false,
        ),
    ] {
        let report = report(&calls, changes);
        let text = report.to_string();
        for part in told {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert_eq!(report.refusal().is_some(), refused, "{text}");
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains("198503121233") && !json.contains("1102355"), "{json}");
    }
}

#[tokio::test]
async fn a_call_that_did_not_go_as_its_log_says_is_told_with_turn_and_node() {
    let line = shipped().line;
    let call = three_calls().await.pop().unwrap();
    let last = call.turns.len() - 1;
    let told = |change: &dyn Fn(&mut Recorded)| {
        let mut call = call.clone();
        change(&mut call);
        let differs = replay(&line, &call).unwrap_err();
        format!(
            "{} {} | {} | {}",
            differs.turn,
            differs.node.map(|node| node.to_string()).unwrap_or_default(),
            differs.expected,
            differs.found
        )
    };
    let other_prompt = told(&|call| {
        for event in &mut call.turns[2].steps.last_mut().unwrap().events {
            if let Event::Said(said) = event {
                for spoken in said {
                    spoken.prompt = "guide.menu".into();
                }
            }
        }
    });
    assert!(other_prompt.contains("hears guide.menu") && other_prompt.ends_with("hears main.menu"), "{other_prompt}");
    assert!(other_prompt.starts_with("3 "), "{other_prompt}");
    // Somebody's figures are somebody else's: it is told that they differ, not what they are.
    let other_values = told(&|call| {
        let events = call.turns.iter_mut().flat_map(|turn| &mut turn.steps).flat_map(|step| &mut step.events);
        for event in events {
            if let Event::Said(said) = event {
                said.iter_mut()
                    .filter(|spoken| spoken.prompt.as_str() == "med.balance")
                    .for_each(|spoken| drop(spoken.values.pop_first()));
            }
        }
    });
    assert!(other_values.ends_with("with other values or otherwise said"), "{other_values}");
    let other_timer = told(&|call| {
        let reply = call.turns[0].steps[0].reply.as_mut().unwrap();
        *reply = reply.replace("1s/5s", "9s/5s");
    });
    assert_eq!(other_timer, "1  | 0+2 key 9s/5s | 0+2 key 1s/5s");
    let other_end = told(&|call| call.cause = hotline::call::EndCause::Finished);
    assert!(other_end.ends_with("ends (finished) | ends (caller-hung-up)"), "{other_end}");
    // An hour later the verification would have ended: times are part of what is replayed.
    let too_late = told(&|call| {
        let later = call.turns[last - 1].at.plus(Duration::from_mins(59));
        call.turns[last - 1].steps.iter_mut().skip(2).for_each(|step| step.at = Some(later));
    });
    assert!(too_late.contains("comes to med.balance") && too_late.contains("comes to med.again"), "{too_late}");
}
