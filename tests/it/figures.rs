//! The figures of the wall: of calls that were made, and of a queue that was written down.

use std::sync::Arc;
use std::time::Duration;

use hotline::call::{DialOutcome, Keys, NodeId, PhoneNumber, Timestamp};
use hotline::clock::Clock as _;
use hotline::desk::figures::{Day, Figures, Scope};
use hotline::line_files;
use hotline::simulator::Phone;
use hotline::store::Database;
use jiff::tz::TimeZone;

use crate::app::{App, Way};
use crate::random::MORNING;

pub(crate) fn scope() -> Scope {
    Scope { line: line_files::SHIPPED.to_owned(), simulated: true }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

pub(crate) async fn day_of(database: &Database, scope: &Scope, now: Timestamp) -> Arc<Day> {
    let date = now.in_zone(&zone()).date();
    Figures::new(database.clone()).day(scope, date, &zone(), now).await.unwrap()
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

#[tokio::test]
async fn calls_count_as_what_they_came_for_and_how_it_ended() {
    let app = App::start(Way::Text).await;
    app.world.clock.set(MORNING);
    let database = app.world.database.clone();
    // Hears the balance and hangs up.
    phone(&app, &["", "1", "1", "1", "000101198503121233#", "204816#"]).await.hang_up().await.unwrap();
    // Is silent and wrong, then mistypes the PIN, and gives up.
    phone(&app, &["", "1", "", "8", "1", "1", "000101198503121233#", "111111#"]).await.hang_up().await.unwrap();
    // Talks with somebody.
    let mut talking = phone(&app, &["", "1", "0"]).await;
    talking.dial_ends(DialOutcome::Talked, Some(Duration::from_mins(1))).await.unwrap();
    talking.hang_up().await.unwrap();
    // Wants somebody, and is not put through.
    let mut missed = phone(&app, &["", "1", "0"]).await;
    missed.dial_ends(DialOutcome::NoAnswer, None).await.unwrap();
    missed.hang_up().await.unwrap();

    let day = day_of(&database, &scope(), app.world.clock.now()).await;
    let all = &day.all;
    assert_eq!((all.calls, all.contained, all.wanted_person, all.talked), (4, 1, 2, 1));
    assert_eq!((all.proving, all.proved, all.locked_out), (2, 1, 0));
    let medical = &day.details.tasks["medical"];
    assert_eq!((medical.came_for, medical.done, medical.contained), (2, 1, 1));
    let menu = NodeId::from("main.menu");
    assert_eq!(day.details.asked_again.get(&menu), Some(&2), "{:?}", day.details.asked_again);
    assert_eq!(day.details.hung_up_at.values().sum::<u64>(), day.details.causes["caller-hung-up"]);
    assert_eq!(day.details.hung_up_at.get(&NodeId::from("med.menu")), Some(&1), "{:?}", day.details.hung_up_at);
    // 10:00 is in the twenty-first half hour.
    assert_eq!(day.halves.iter().position(|half| half.calls > 0), Some(20));
    app.stop().await;
}
